#include "records/change_upkeep.h"

#include "records/statement_rows.h"

namespace matricula::records {
namespace {

using storage::Bind;
using storage::Session;
using storage::Statement;

struct Statements {
  const Statement companies{"SELECT id FROM companies ORDER BY id"};
  const Statement has_old{
      "SELECT 1 FROM tombstones t JOIN company_sequences s ON s.company_id = t.company_id WHERE "
      "t.company_id = ?1 AND t.changed_at < ?2 AND t.change_seq > s.pruned_seq LIMIT 1"};
  const Statement note_pruned{
      "UPDATE company_sequences SET pruned_seq = coalesce((SELECT max(t.change_seq) FROM "
      "tombstones t WHERE t.company_id = ?1 AND t.changed_at < ?2), pruned_seq) WHERE company_id = "
      "?1"};
  // The last tombstone of a table stays: it has the number of the table's last change.
  const Statement prune{
      "DELETE FROM tombstones WHERE company_id = ?1 AND changed_at < ?2 AND change_seq < (SELECT "
      "max(t.change_seq) FROM tombstones t WHERE t.company_id = ?1 AND t.entity = "
      "tombstones.entity)"};
  // Of the times within an hour the last one stays, for all numbers of that hour.
  const Statement thin_times{
      "DELETE FROM change_times WHERE company_id = ?1 AND changed_at < ?2 AND EXISTS (SELECT 1 "
      "FROM "
      "change_times t WHERE t.company_id = ?1 AND t.up_to > change_times.up_to AND "
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

Result<void> sweep_tombstones(storage::Database& database, Timestamp before) {
  MATRICULA_TRY(const std::unique_ptr<Session> reader, database.open_reader());
  MATRICULA_TRY(const std::vector<std::string> companies,
                all_texts(*reader, statements().companies, {}));
  for (const std::string& company : companies) {
    const Bind binds[] = {std::string_view(company), std::int64_t{before}};
    // A server's role on PostgreSQL sees one company at a time.
    reader->set_tenant(company);
    MATRICULA_TRY(const bool has_old, has_row(*reader, statements().has_old, {binds[0], binds[1]}));
    if (!has_old) {
      continue;
    }
    MATRICULA_CHECK(database.write_records({.work = [&](Session& session) -> Result<void> {
      session.set_tenant(company);
      Result<void> done;
      for (const Statement* each :
           {&statements().note_pruned, &statements().thin_times, &statements().prune}) {
        const Result<std::int64_t> ran = session.execute(*each, binds);
        if (!ran) {
          done = fail(ran.error());
          break;
        }
      }
      session.set_tenant({});
      return done;
    }}));
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
