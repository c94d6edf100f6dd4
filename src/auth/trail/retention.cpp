#include "auth/trail/retention.h"

#include <vector>

#include "auth/schema/store.h"

namespace matricula::auth {
namespace {

const storage::Statement kEnded(
    "SELECT id FROM api_tokens WHERE credential_id IS NOT NULL AND expires_at < ?1"
    " ORDER BY expires_at LIMIT ?2");
// Behind the ?2 newest that the person made.
const storage::Statement kOldestEndedOfMaker(
    "SELECT id FROM api_tokens WHERE created_by = ?1 AND credential_id IS NULL"
    " AND number <= (SELECT number FROM api_tokens WHERE created_by = ?1"
    " AND credential_id IS NULL ORDER BY number DESC LIMIT 1 OFFSET ?2)"
    " AND (revoked_at IS NOT NULL OR expires_at <= ?3) ORDER BY number LIMIT ?4");
const storage::Statement kDropCompanyUse(
    "DELETE FROM company_use_days WHERE company_id IN (SELECT scope_key FROM token_scopes"
    " WHERE token_id = ?1) AND token_id = ?1");
const storage::Statement kDropUse("DELETE FROM token_use_days WHERE token_id = ?1");
const storage::Statement kDropActions("DELETE FROM token_scope_actions WHERE token_id = ?1");
const storage::Statement kDropScopes("DELETE FROM token_scopes WHERE token_id = ?1");
const storage::Statement kDropToken("DELETE FROM api_tokens WHERE id = ?1");
const storage::Statement kOldestUse("SELECT MIN(day) FROM company_endpoint_days");
const storage::Statement kDropDay("DELETE FROM company_endpoint_days WHERE day = ?1");

Result<std::vector<Uuid>> ended(storage::Session& session, Timestamp before) {
  return read_ids(session, kEnded, {before, kDropsPerTransaction});
}

Result<void> drop_tokens(storage::Session& transaction, const std::vector<Uuid>& ids) {
  for (const Uuid& id : ids) {
    for (const auto* drop :
         {&kDropCompanyUse, &kDropUse, &kDropActions, &kDropScopes, &kDropToken}) {
      MATRICULA_CHECK(run(transaction, *drop, {id.bytes()}));
    }
  }
  return {};
}

}  // namespace

Result<std::int64_t> drop_ended_tokens(storage::Database& database, const Clock& clock,
                                       std::chrono::nanoseconds wait_until) {
  const Timestamp before = clock.now() - kEndedTokenDays * kMicrosPerDay;
  {
    // Most often there is none: then no write transaction is begun, which others would wait for.
    MATRICULA_TRY(const auto reader, database.open_reader());
    MATRICULA_TRY(const auto ids, ended(*reader, before));
    if (ids.empty()) {
      return 0;
    }
  }
  std::int64_t dropped = 0;
  auto written = database.write_access(wait_until, [&](storage::Session& session) -> Result<void> {
    MATRICULA_TRY(const auto ids, ended(session, before));
    MATRICULA_CHECK(drop_tokens(session, ids));
    dropped = static_cast<std::int64_t>(ids.size());
    return {};
  });
  MATRICULA_CHECK(std::move(written));
  return dropped;
}

Result<void> drop_ended_tokens_of(storage::Session& transaction, const Uuid& maker,
                                  std::int64_t kept_max, Timestamp now) {
  MATRICULA_TRY(const auto ids, read_ids(transaction, kOldestEndedOfMaker,
                                         {maker.bytes(), kept_max, now, kDropsPerNewToken}));
  return drop_tokens(transaction, ids);
}

Result<std::int64_t> drop_oldest_use(storage::Database& database, const Clock& clock,
                                     std::chrono::nanoseconds wait_until) {
  std::optional<std::int64_t> oldest;
  {
    MATRICULA_TRY(const auto reader, database.open_reader());
    MATRICULA_CHECK(each_row(*reader, kOldestUse, {},
                             [&](const storage::Rows& rows) { oldest = optional_time(rows, 0); }));
  }
  if (!oldest || *oldest >= clock.now() / kMicrosPerDay - kEndpointUseDays) {
    return 0;
  }
  std::int64_t dropped = 0;
  auto written =
      database.write_keeping_caches(wait_until, [&](storage::Session& session) -> Result<void> {
        MATRICULA_TRY(dropped, run(session, kDropDay, {*oldest}));
        return {};
      });
  MATRICULA_CHECK(std::move(written));
  return dropped;
}

}  // namespace matricula::auth
