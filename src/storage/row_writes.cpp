#include "storage/row_writes.h"

#include <algorithm>
#include <vector>

namespace matricula::storage {
namespace {

Result<void> write_row(Session& session, const Statement& statement, std::span<const Bind> leading,
                       std::span<const Value> row) {
  std::vector<Bind> binds(leading.begin(), leading.end());
  for (const Value& value : row) {
    binds.push_back(std::visit([](const auto& each) { return Bind(each); }, value));
  }
  MATRICULA_CHECK(session.execute(statement, binds));
  return {};
}

Result<void> write_columns(Session& session, const RowWrites& writes, std::span<const Bind> leading,
                           std::span<const Value> rows) {
  std::vector<std::vector<Value>> columns(writes.width);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    columns[i % writes.width].push_back(rows[i]);
  }
  std::vector<Bind> binds(leading.begin(), leading.end());
  for (const std::vector<Value>& column : columns) {
    binds.emplace_back(ValueList{column});
  }
  MATRICULA_CHECK(session.execute(writes.many, binds));
  return {};
}

}  // namespace

Result<void> write_rows(Session& session, const RowWrites& writes, std::span<const Bind> leading,
                        std::span<const Value> values, std::size_t rows_at_once) {
  const bool takes_many = session.dialect() == sql::Dialect::kPostgres;
  const std::size_t step = writes.width * (takes_many ? rows_at_once : 1);
  while (!values.empty()) {
    const std::span<const Value> rows = values.first(std::min(step, values.size()));
    MATRICULA_CHECK(takes_many ? write_columns(session, writes, leading, rows)
                               : write_row(session, writes.one, leading, rows));
    values = values.subspan(rows.size());
  }
  return {};
}

}  // namespace matricula::storage
