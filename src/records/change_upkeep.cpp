#include "records/change_upkeep.h"

#include <algorithm>

#include "records/statement_rows.h"
#include "storage/session_scope.h"

namespace matricula::records {
namespace {

using storage::Bind;
using storage::Session;
using storage::Statement;

// Of tombstones and of times, so that no other writer waits long.
constexpr std::int64_t kSweptPerTransaction = 1'000;

struct Statements {
  const Statement companies{"SELECT id FROM companies ORDER BY id"};
  // Times of a company never go back, so the oldest deletion that is left has the lowest number.
  const Statement has_old{
      "SELECT 1 FROM company_sequences s WHERE s.company_id = ?1 AND (SELECT t.changed_at FROM "
      "tombstones t WHERE t.company_id = ?1 AND t.change_seq > s.pruned_seq ORDER BY t.change_seq "
      "LIMIT 1) < ?2"};
  const Statement pruned{"SELECT pruned_seq FROM company_sequences WHERE company_id = ?1"};
  const Statement last_old{
      "SELECT max(o.change_seq) FROM (SELECT t.change_seq, t.changed_at FROM tombstones t WHERE "
      "t.company_id = ?1 AND t.change_seq > ?2 ORDER BY t.change_seq LIMIT ?3) o WHERE "
      "o.changed_at < ?4"};
  const Statement time_before{
      "SELECT up_to FROM change_times WHERE company_id = ?1 AND up_to <= ?2 ORDER BY up_to DESC "
      "LIMIT 1"};
  const Statement time_after{
      "SELECT up_to FROM change_times WHERE company_id = ?1 AND up_to > ?2 ORDER BY up_to LIMIT 1 "
      "OFFSET ?3"};
  const Statement set_pruned{"UPDATE company_sequences SET pruned_seq = ?2 WHERE company_id = ?1"};
  // The last tombstone of a table stays: it has the number of the table's last change.
  const Statement prune{
      "DELETE FROM tombstones WHERE company_id = ?1 AND change_seq <= ?2 AND change_seq < (SELECT "
      "max(t.change_seq) FROM tombstones t WHERE t.company_id = ?1 AND t.entity = "
      "tombstones.entity)"};
  // Of the times within an hour the last one stays, for all numbers of that hour.
  const Statement thin_times{
      "DELETE FROM change_times WHERE company_id = ?1 AND up_to >= ?2 AND up_to <= ?3 AND "
      "changed_at / 3600000000 = (SELECT t.changed_at / 3600000000 FROM change_times t WHERE "
      "t.company_id = ?1 AND t.up_to > change_times.up_to ORDER BY t.up_to LIMIT 1)"};
  const Statement renew_sqlite{"UPDATE store_epoch SET epoch = lower(hex(randomblob(16)))"};
  const Statement renew_postgres{
      "UPDATE store_epoch SET epoch = replace(gen_random_uuid()::text, '-', '')"};
};

const Statements& statements() {
  static const Statements kAll;
  return kAll;
}

// Deletes the company's next kSweptPerTransaction old tombstones, and thins the times up to the
// last of them.
Result<void> sweep_some(Session& session, std::string_view company, Timestamp before) {
  const Statements& sql = statements();
  MATRICULA_TRY(const std::optional<std::int64_t> pruned,
                one_integer(session, sql.pruned, {company}));
  if (!pruned) {
    return {};
  }
  MATRICULA_TRY(const std::optional<std::int64_t> last_old,
                one_integer(session, sql.last_old,
                            {company, *pruned, kSweptPerTransaction, std::int64_t{before}}));
  MATRICULA_TRY(const std::optional<std::int64_t> first_time,
                one_integer(session, sql.time_before, {company, *pruned}));
  MATRICULA_TRY(const std::optional<std::int64_t> last_time,
                one_integer(session, sql.time_after, {company, *pruned, kSweptPerTransaction}));
  const std::int64_t end = std::min(last_old.value_or(0), last_time.value_or(last_old.value_or(0)));
  if (end <= *pruned) {
    return {};
  }
  const Bind to_end[] = {company, end};
  const Bind times[] = {company, first_time.value_or(0), end};
  MATRICULA_CHECK(session.execute(sql.set_pruned, to_end));
  MATRICULA_CHECK(session.execute(sql.thin_times, times));
  MATRICULA_CHECK(session.execute(sql.prune, to_end));
  return {};
}

Result<void> sweep_company(storage::Database& database, Session& reader, std::string_view company,
                           const Sweep& sweep) {
  // A server's role on PostgreSQL sees one company at a time.
  const storage::TenantScope tenant = storage::scope_to_tenant(reader, company);
  while (!sweep.patience.ending.stop_requested()) {
    MATRICULA_TRY(const bool has_old,
                  has_row(reader, statements().has_old, {company, std::int64_t{sweep.before}}));
    if (!has_old) {
      return {};
    }
    const auto work = [&](Session& session) {
      const storage::TenantScope written = storage::scope_to_tenant(session, company);
      return sweep_some(session, company, sweep.before);
    };
    MATRICULA_CHECK(storage::write_patiently(sweep.patience, [&](auto wait_until) {
      return database.write_records({.work = work, .wait_until = wait_until});
    }));
  }
  return {};
}

}  // namespace

Result<void> sweep_tombstones(storage::Database& database, const Sweep& sweep) {
  MATRICULA_TRY(const std::unique_ptr<Session> reader, database.open_reader());
  MATRICULA_TRY(const std::vector<std::string> companies,
                all_texts(*reader, statements().companies, {}));
  for (const std::string& company : companies) {
    MATRICULA_CHECK(sweep_company(database, *reader, company, sweep));
  }
  return {};
}

Result<void> renew_epoch(Session& session) {
  MATRICULA_CHECK(session.execute(session.dialect() == sql::Dialect::kSqlite
                                      ? statements().renew_sqlite
                                      : statements().renew_postgres,
                                  {}));
  return {};
}

}  // namespace matricula::records
