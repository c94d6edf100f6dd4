#include "auth/schema/by_keys.h"

#include <fmt/format.h>

#include "sql/list_text.h"

namespace matricula::auth {
namespace {

std::string text_by_keys(std::string_view before, std::string_view column, std::string_view after,
                         sql::Dialect dialect) {
  return fmt::format("{}{}{}", before, sql::in_list(column, "?1", dialect), after);
}

}  // namespace

std::vector<storage::Value> keys_of(std::span<const Uuid> ids) {
  std::vector<storage::Value> keys;
  keys.reserve(ids.size());
  for (const Uuid& id : ids) {
    keys.emplace_back(id.bytes());
  }
  return keys;
}

std::vector<storage::Value> keys_of(std::span<const std::string> ids) {
  return {ids.begin(), ids.end()};
}

ByKeys::ByKeys(std::string_view before, std::string_view column, std::string_view after)
    : sqlite_(text_by_keys(before, column, after, sql::Dialect::kSqlite)),
      postgres_(text_by_keys(before, column, after, sql::Dialect::kPostgres)) {}

const storage::Statement& ByKeys::in(sql::Dialect dialect) const {
  return dialect == sql::Dialect::kSqlite ? sqlite_ : postgres_;
}

}  // namespace matricula::auth
