#include "execution/cursor_reader.h"

#include "planning/cursor.h"

namespace matricula::execution {

void CursorReader::read(const planning::ConnectionPlan& plan, std::uint16_t order_index,
                        const storage::Rows& row, std::string& cursor) {
  const sql::Relation& relation = plan.root->relation;
  const sql::Order& order = relation.orders[order_index];
  const auto base = static_cast<unsigned>(plan.columns.size());
  const auto read = [&](std::size_t index, sql::ColumnType type) {
    const unsigned column = base + static_cast<unsigned>(index);
    storage::KeyValue& value = position_[index];
    switch (type) {
      case sql::ColumnType::kInteger:
      case sql::ColumnType::kBoolean:
      case sql::ColumnType::kTime:
        value = row.integer(column);
        return;
      case sql::ColumnType::kReal:
        value = row.real(column);
        return;
      case sql::ColumnType::kText:
      case sql::ColumnType::kJson:
      case sql::ColumnType::kUuid:
        break;
    }
    if (!std::holds_alternative<std::string>(value)) {
      value = std::string();
    }
    auto& text = std::get<std::string>(value);
    if (type == sql::ColumnType::kUuid) {
      text.assign(storage::as_text(row.bytes(column)));
    } else {
      text.assign(row.text(column));
    }
  };
  const std::size_t ties = order.unique ? 0 : relation.ties.size();
  position_.resize(1 + ties);
  read(0, order.type);
  for (std::size_t i = 0; i < ties; ++i) {
    read(1 + i, relation.ties[i].type);
  }
  cursor = '"';
  planning::append_cursor(relation, order_index, position_, scratch_, cursor);
  cursor += '"';
}

}  // namespace matricula::execution
