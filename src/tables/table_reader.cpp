#include "tables/table_reader.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "records/company_rows.h"
#include "records/record_sql.h"
#include "records/row_values.h"

namespace matricula::tables {
namespace {

using storage::Bind;
using storage::RowsHandle;
using storage::Session;
using storage::Statement;

// "a, b" as "t.a, t.b".
std::string of_t(std::string_view columns) {
  std::string out;
  while (!columns.empty()) {
    const std::size_t comma = columns.find(", ");
    out += fmt::format("{}t.{}", out.empty() ? "" : ", ", columns.substr(0, comma));
    columns.remove_prefix(comma == std::string_view::npos ? columns.size() : comma + 2);
  }
  return out;
}

std::string select_sql(const Table& table, const RowScope& scope) {
  const records::Entity& entity = table.entity();
  if (!has_flat_form(entity.id)) {
    return records::select_rows_sql(entity, scope.company.has_value());
  }
  return fmt::format("SELECT {} FROM {}{}{} ORDER BY {}", table.select_list(), table.from_list(),
                     scope.company ? " WHERE t.company_id = ?1" : "",
                     scope.condition ? fmt::format(" AND ({})", scope.condition->text) : "",
                     of_t(entity.order_columns));
}

}  // namespace

struct TableReader::Query {
  Query(const Table& table, const RowScope& scope)
      : statement(select_sql(table, scope), storage::ResultSize::kLarge),
        company(scope.company.value_or("")) {
    if (scope.company) {
      binds.emplace_back(std::string_view(company));
    }
    if (scope.condition) {
      binds.insert(binds.end(), scope.condition->binds.begin(), scope.condition->binds.end());
    }
  }

  const Statement statement;
  const std::string company;
  std::vector<Bind> binds;
};

TableReader::TableReader(std::unique_ptr<const Query> query, RowsHandle rows, const Table& table)
    : query_(std::move(query)), rows_(std::move(rows)) {
  for (const Column& column : table.columns()) {
    types_.push_back(records::value_type(column.type));
  }
}

TableReader::TableReader(TableReader&& other) noexcept = default;

TableReader::~TableReader() = default;

Result<TableReader> TableReader::open(Session& session, const Table& table, const RowScope& scope) {
  MATRICULA_ASSERT(!scope.condition || (scope.company && has_flat_form(table.entity().id)));
  auto query = std::make_unique<const Query>(table, scope);
  MATRICULA_TRY(RowsHandle rows, session.query(query->statement, query->binds));
  return TableReader(std::move(query), std::move(rows), table);
}

Result<bool> TableReader::next() {
  MATRICULA_TRY(const bool is_row, rows_->next());
  if (!is_row) {
    return false;
  }
  rows_->read(types_, values_);
  return true;
}

}  // namespace matricula::tables
