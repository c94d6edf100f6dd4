#include "readmodel/find_differences.h"

#include <fmt/format.h>
#include <optional>

#include "base/assert.h"
#include "readmodel/model_rows.h"
#include "readmodel/selector.h"
#include "readmodel/store_rows.h"
#include "records/statement_rows.h"
#include "storage/sql_list_reader.h"

namespace matricula::readmodel {
namespace {

using sql::ColumnType;
using storage::Rows;

constexpr std::uint32_t kPageRows = 10'000;
// A parameter of SqlListReader that has no effect without filters.
constexpr std::int64_t kSelectiveRowsMax = 2'000;

bool is_same(const Rows& a, const Rows& b, unsigned column, ColumnType type) {
  if (a.is_null(column) || b.is_null(column)) {
    return a.is_null(column) == b.is_null(column);
  }
  switch (type) {
    case ColumnType::kInteger:
    case ColumnType::kBoolean:
    case ColumnType::kTime:
      return a.integer(column) == b.integer(column);
    case ColumnType::kReal:
      return a.real(column) == b.real(column);
    case ColumnType::kText:
    case ColumnType::kJson:
      return a.text(column) == b.text(column);
    case ColumnType::kUuid:
      break;
  }
  return storage::as_text(a.bytes(column)) == storage::as_text(b.bytes(column));
}

class Comparer {
 public:
  Comparer(storage::Session& session, const Layout& layout, const Snapshot& snapshot,
           const storage::ListScope& scope)
      : layout_(layout), snapshot_(snapshot), scope_(scope), tables_(session, kSelectiveRowsMax) {
    for (std::size_t i = 0; i < layout.columns.size(); ++i) {
      columns_.push_back(static_cast<std::uint16_t>(i));
      types_.push_back(layout.sources[layout.columns[i]].type);
    }
  }

  // Compares all rows in this order: the first one that differs, counted from 1; nullopt for none.
  Result<std::optional<std::uint64_t>> compare(std::uint16_t order) {
    std::vector<ColumnType> types = types_;
    for (const std::uint16_t part : layout_.free_parts(order)) {
      types.push_back(layout_.sources[part].type);
    }
    std::optional<storage::Position> after;
    for (std::uint64_t row = 1;;) {
      const storage::PageQuery query{.scope = scope_,
                                     .columns = columns_,
                                     .order = order,
                                     .after = after ? &*after : nullptr,
                                     .limit = kPageRows};
      MATRICULA_TRY(const storage::RowsHandle expected, tables_.page(query));
      rows_.start(snapshot_, columns_, order);
      selector_.begin(snapshot_, scope_);
      selector_.page(query, rows_.rows());
      storage::Position last;
      std::uint32_t read = 0;
      for (;; ++read, ++row) {
        MATRICULA_TRY(const bool is_expected, expected->next());
        MATRICULA_TRY(const bool is_there, rows_.next());
        if (is_expected != is_there) {
          return row;
        }
        if (!is_there) {
          break;
        }
        for (std::size_t column = 0; column < types.size(); ++column) {
          if (!is_same(*expected, rows_, static_cast<unsigned>(column), types[column])) {
            return row;
          }
        }
        read_position(order, last);
      }
      if (read < kPageRows) {
        return std::nullopt;
      }
      after = std::move(last);
    }
  }

 private:
  void read_position(std::uint16_t order, storage::Position& position) const {
    position.clear();
    auto column = static_cast<unsigned>(columns_.size());
    for (const std::uint16_t part : layout_.free_parts(order)) {
      switch (layout_.sources[part].type) {
        case ColumnType::kInteger:
        case ColumnType::kBoolean:
        case ColumnType::kTime:
          position.emplace_back(rows_.integer(column));
          break;
        case ColumnType::kReal:
          position.emplace_back(rows_.real(column));
          break;
        case ColumnType::kText:
        case ColumnType::kJson:
          position.emplace_back(std::string(rows_.text(column)));
          break;
        case ColumnType::kUuid:
          position.emplace_back(std::string(storage::as_text(rows_.bytes(column))));
          break;
      }
      ++column;
    }
  }

  const Layout& layout_;
  const Snapshot& snapshot_;
  const storage::ListScope scope_;
  storage::SqlListReader tables_;
  Selector selector_;
  ModelRows rows_;
  std::vector<std::uint16_t> columns_;
  std::vector<ColumnType> types_;
};

// The combinations of values that the company's rows have in the fixed columns of the list.
Result<std::vector<std::vector<storage::KeyValue>>> fixed_values(storage::Session& session,
                                                                 const Layout& layout,
                                                                 std::string_view company) {
  std::vector<std::vector<storage::KeyValue>> all;
  const sql::Relation& relation = *layout.relation;
  if (relation.fixed.empty()) {
    all.emplace_back();
    return all;
  }
  MATRICULA_ASSERT(relation.fixed.size() == 1);
  const storage::Statement statement(
      fmt::format("SELECT DISTINCT {0} FROM {1} WHERE {2} ORDER BY {0}",
                  relation.fixed.front().expression, relation.table, relation.tenant));
  MATRICULA_TRY(const std::vector<std::string> texts,
                records::all_texts(session, statement, {company}));
  for (const std::string& text : texts) {
    all.push_back({text});
  }
  return all;
}

// The company's list in memory; nullopt where there is no such company. kCorrupt where the tables
// have rows that no list can have, kLimitExceeded where it has values that memory cannot hold.
Result<std::optional<StoredState>> load(const StoreRows& rows, storage::Session& session,
                                        std::string_view company) {
  MATRICULA_TRY(auto read, rows.read({.session = session, .id = company}, UINT64_MAX));
  if (!read) {
    return std::nullopt;
  }
  MATRICULA_TRY(auto state, StoreRows::finish(*std::move(read)));
  return state;
}

// Appends the differences of one company.
Result<void> compare_company(storage::Session& session, const Layout& layout,
                             const Snapshot& snapshot, const std::string& company,
                             std::vector<std::string>& problems) {
  const sql::Relation& relation = *layout.relation;
  MATRICULA_TRY(const auto all_fixed, fixed_values(session, layout, company));
  for (const std::vector<storage::KeyValue>& fixed : all_fixed) {
    Comparer comparer(session, layout, snapshot,
                      {.relation = &relation, .company = company, .fixed = fixed});
    for (std::uint16_t order = 0; std::size_t{order} < relation.orders.size(); ++order) {
      MATRICULA_TRY(const auto differs, comparer.compare(order));
      if (differs) {
        problems.push_back(
            fmt::format("{} of company {}{}{}: row {} in the order {} is another one in memory",
                        relation.name, company, fixed.empty() ? "" : ", ",
                        fixed.empty() ? std::string() : std::get<std::string>(fixed.front()),
                        *differs, relation.orders[order].name));
      }
    }
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> find_differences(storage::Session& session,
                                                  const sql::Relation& relation) {
  std::vector<std::string> problems;
  const std::optional<Layout> layout = Layout::of(relation);
  const std::optional<StoreRows> rows =
      layout ? StoreRows::of(*layout, session.dialect()) : std::optional<StoreRows>();
  if (!rows) {
    return problems;
  }
  const storage::Statement companies("SELECT id FROM companies ORDER BY id");
  MATRICULA_TRY(const std::vector<std::string> ids, records::all_texts(session, companies, {}));
  for (const std::string& id : ids) {
    const Result<std::optional<StoredState>> state = load(*rows, session, id);
    if (state && *state) {
      MATRICULA_CHECK(compare_company(session, *layout, *(*state)->snapshot, id, problems));
    } else if (!state && state.error().code == ErrorCode::kCorrupt) {
      problems.push_back(
          fmt::format("{} of company {}: {}", relation.name, id, state.error().message));
    } else if (!state && state.error().code != ErrorCode::kLimitExceeded) {
      return fail(state.error());
    }
  }
  return problems;
}

}  // namespace matricula::readmodel
