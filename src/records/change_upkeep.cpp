#include "records/change_upkeep.h"

#include <algorithm>
#include <fmt/format.h>

#include "records/change_sql.h"
#include "records/record_sql.h"
#include "records/statement_rows.h"
#include "storage/session_scope.h"

namespace matricula::records {
namespace {

using storage::Bind;
using storage::Session;
using storage::Statement;

// Of tombstones and of times, so that no other writer waits long.
constexpr std::int64_t kSweptPerTransaction = 1'000;
// Of kNumberedTables the one whose index by number begins with the entity.
constexpr std::string_view kRowsOfAllKinds = "company_rows";

// Whether the company's rows of `table` have no number of the span `s`. The first number behind
// the start of the span is one look into the index by number on both engines, with and without
// statistics.
std::string has_no_number(std::string_view table, std::string_view condition) {
  return fmt::format(
      "coalesce((SELECT r.change_seq FROM {} r WHERE r.company_id = ?1{} AND r.change_seq > "
      "s.start ORDER BY r.change_seq LIMIT 1), s.up_to + 1) > s.up_to",
      table, condition);
}

// Deletes the times from ?2 to ?3 that no row and no tombstone needs. A deleted time hands its span
// to the next one, so a number that is left would change its time; the last one has no next. Both
// queries run once, however PostgreSQL joins them.
std::string thin_times_sql() {
  std::string is_empty;
  const auto add = [&](std::string_view table, std::string_view condition) {
    is_empty += (is_empty.empty() ? "" : " AND ") + has_no_number(table, condition);
  };
  for (const std::string_view table : kNumberedTables) {
    if (table != kRowsOfAllKinds) {
      add(table, "");
    }
  }
  for (const Entity& each : entities()) {
    if (!is_progress(each.id) && each.id != EntityId::kUsers) {
      add(kRowsOfAllKinds, fmt::format(" AND r.entity = {}", static_cast<int>(each.id)));
    }
  }
  return fmt::format(
      "WITH spans AS MATERIALIZED (SELECT t.up_to, coalesce((SELECT p.up_to FROM change_times p "
      "WHERE p.company_id = ?1 AND p.up_to < t.up_to ORDER BY p.up_to DESC LIMIT 1), 0) AS start "
      "FROM change_times t WHERE t.company_id = ?1 AND t.up_to >= ?2 AND t.up_to <= ?3), "
      "unneeded AS MATERIALIZED (SELECT s.up_to FROM spans s WHERE {}) DELETE FROM change_times "
      "WHERE company_id = ?1 AND up_to >= ?2 AND up_to <= ?3 AND up_to IN (SELECT u.up_to FROM "
      "unneeded u) AND up_to < (SELECT max(l.up_to) FROM change_times l WHERE l.company_id = ?1)",
      is_empty);
}

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
  const Statement thin_times{thin_times_sql()};
  const Statement renew_sqlite{"UPDATE store_epoch SET epoch = lower(hex(randomblob(16)))"};
  const Statement renew_postgres{
      "UPDATE store_epoch SET epoch = replace(gen_random_uuid()::text, '-', '')"};
};

const Statements& statements() {
  static const Statements kAll;
  return kAll;
}

// Deletes the company's next kSweptPerTransaction old tombstones, and the times up to the last
// of them that are no number's any more.
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
  MATRICULA_CHECK(session.execute(sql.prune, to_end));
  MATRICULA_CHECK(session.execute(sql.thin_times, times));
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
