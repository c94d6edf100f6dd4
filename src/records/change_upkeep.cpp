// What keeps the tables of change sequences small, and what makes a store another one.
#include "records/change_upkeep.h"

#include "records/statement_rows.h"

namespace matricula::records {
namespace {

using storage::Bind;
using storage::Session;
using storage::Statement;

struct Statements {
  const Statement note_pruned{
      "UPDATE company_sequences SET pruned_seq = coalesce((SELECT max(t.change_seq) FROM "
      "tombstones t WHERE t.company_id = company_sequences.company_id AND t.changed_at < ?1), "
      "pruned_seq) WHERE company_id IN (SELECT t.company_id FROM tombstones t WHERE "
      "t.changed_at < ?1)"};
  // The last one of a table stays: it says when the table last changed.
  const Statement prune{
      "DELETE FROM tombstones WHERE changed_at < ?1 AND change_seq < (SELECT max(t.change_seq) "
      "FROM tombstones t WHERE t.company_id = tombstones.company_id AND t.entity = "
      "tombstones.entity)"};
  // Of times in the same hour the last one stays, for all numbers of that hour.
  const Statement thin_times{
      "DELETE FROM change_times WHERE changed_at < ?1 AND EXISTS (SELECT 1 FROM change_times t "
      "WHERE t.company_id = change_times.company_id AND t.up_to > change_times.up_to AND "
      "t.changed_at / 3600000000 = change_times.changed_at / 3600000000)"};
  const Statement renew_sqlite{"UPDATE store_epoch SET epoch = lower(hex(randomblob(16)))"};
  const Statement renew_postgres{
      "UPDATE store_epoch SET epoch = replace(gen_random_uuid()::text, '-', '')"};
};

const Statements& statements() {
  static const Statements kAll;
  return kAll;
}

}  // namespace

Result<std::int64_t> sweep_tombstones(Session& session, Timestamp before) {
  const Bind binds[] = {std::int64_t{before}};
  MATRICULA_CHECK(session.execute(statements().note_pruned, binds));
  MATRICULA_CHECK(session.execute(statements().thin_times, binds));
  return session.execute(statements().prune, binds);
}

Result<bool> has_tombstones_before(Session& session, Timestamp before) {
  static const Statement kAny(
      "SELECT 1 FROM tombstones t JOIN company_sequences s ON s.company_id = t.company_id WHERE "
      "t.changed_at < ?1 AND t.change_seq > s.pruned_seq LIMIT 1");
  return has_row(session, kAny, {std::int64_t{before}});
}

Result<void> renew_epoch(Session& session, sql::Dialect dialect) {
  MATRICULA_CHECK(session.execute(
      dialect == sql::Dialect::kSqlite ? statements().renew_sqlite : statements().renew_postgres,
      {}));
  return {};
}

}  // namespace matricula::records
