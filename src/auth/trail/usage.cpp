#include "auth/trail/usage.h"

#include "auth/schema/store.h"

namespace matricula::auth {
namespace {

const storage::Statement kUses(
    "SELECT day, CAST(SUM(uses) AS BIGINT), CAST(SUM(refused) AS BIGINT) FROM token_use_days"
    " WHERE day >= ?2 AND token_id IN (SELECT token_id FROM token_scopes"
    " WHERE scope_key = ?1 AND deleted_at IS NULL) GROUP BY day ORDER BY day");

}  // namespace

Result<std::vector<UseDay>> uses_of_company(storage::Session& reader, std::string_view company_id,
                                            std::int64_t first_day) {
  std::vector<UseDay> days;
  MATRICULA_CHECK(each(reader, kUses, {company_id, first_day}, [&](const storage::Rows& rows) {
    days.push_back(
        {.day = rows.integer(0), .answered = rows.integer(1), .refused = rows.integer(2)});
  }));
  return days;
}

}  // namespace matricula::auth
