#include "auth/trail/usage.h"

#include "auth/schema/store.h"

namespace matricula::auth {
namespace {

const storage::Statement kUses(
    "SELECT day, CAST(SUM(uses) AS BIGINT), CAST(SUM(refused) AS BIGINT) FROM company_use_days"
    " WHERE company_id = ?1 AND day >= ?2 GROUP BY day ORDER BY day");

const storage::Statement kSources(
    "SELECT source_id, endpoint, CAST(SUM(uses) AS BIGINT), CAST(SUM(refused) AS BIGINT)"
    " FROM company_endpoint_days WHERE company_id = ?1 AND day >= ?2 GROUP BY source_id, endpoint"
    " ORDER BY 3 DESC, 4 DESC, source_id, endpoint LIMIT ?3");

const storage::Statement kLastUse(
    "SELECT MAX(last_used_at) FROM company_use_days WHERE company_id = ?1 AND token_id = ?2");

}  // namespace

Result<std::vector<UseDay>> uses_of_company(storage::Session& reader, std::string_view company_id,
                                            std::int64_t first_day) {
  std::vector<UseDay> days;
  MATRICULA_CHECK(each_row(reader, kUses, {company_id, first_day}, [&](const storage::Rows& rows) {
    days.push_back(
        {.day = rows.integer(0), .answered = rows.integer(1), .refused = rows.integer(2)});
  }));
  return days;
}

Result<std::vector<SourceUse>> uses_by_source(storage::Session& reader, std::string_view company_id,
                                              std::int64_t first_day) {
  std::vector<SourceUse> uses;
  MATRICULA_CHECK(each_row(reader, kSources, {company_id, first_day, kSourceUsesMax},
                           [&](const storage::Rows& rows) {
                             uses.push_back({.source_id = uuid_of(rows.bytes(0)),
                                             .endpoint = text_of(rows, 1),
                                             .answered = rows.integer(2),
                                             .refused = rows.integer(3)});
                           }));
  return uses;
}

Result<std::optional<Timestamp>> last_use_for_company(storage::Session& reader,
                                                      const Uuid& token_id,
                                                      std::string_view company_id) {
  std::optional<Timestamp> last;
  MATRICULA_CHECK(each_row(reader, kLastUse, {company_id, token_id.bytes()},
                           [&](const storage::Rows& rows) { last = optional_time(rows, 0); }));
  return last;
}

}  // namespace matricula::auth
