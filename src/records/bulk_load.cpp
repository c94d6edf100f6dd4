#include "records/bulk_load.h"

#include <fmt/format.h>

#include "records/limits.h"
#include "records/record_sql.h"
#include "records/statement_rows.h"

namespace matricula::records {

Result<bool> is_bulk_load(storage::Session& session, const Entity& of, std::uint64_t records) {
  if (!is_progress(of.id) || records < kBulkRecordsMin) {
    return false;
  }
  const auto few = static_cast<std::int64_t>(records / kBulkFactor);
  const storage::Statement count(
      fmt::format("SELECT count(*) FROM (SELECT 1 FROM {} LIMIT {}) AS first", of.name, few + 1));
  MATRICULA_TRY(const std::optional<std::int64_t> rows, one_integer(session, count, {}));
  return rows.value_or(0) <= few;
}

}  // namespace matricula::records
