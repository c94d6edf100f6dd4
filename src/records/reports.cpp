#include "records/reports.h"

#include <algorithm>
#include <span>
#include <vector>

#include "base/assert.h"
#include "records/limits.h"
#include "storage/each_row.h"

namespace matricula::records {
namespace {

using storage::Bind;
using storage::Bytes;
using storage::Session;
using storage::Statement;

// Of texts the bytes, so that both engines order and compare them alike.
struct Statements {
  const Statement make_sqlite{
      "CREATE TEMPORARY TABLE change_reports (company BLOB, entity INTEGER, key BLOB, part BLOB, "
      "PRIMARY KEY (company, entity, key, part)) WITHOUT ROWID"};
  const Statement add_sqlite{
      "INSERT INTO change_reports VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING"};
  // Filled by COPY, which cannot pass over the rows that are there.
  const Statement make_postgres{
      "CREATE TEMPORARY TABLE change_reports (company bytea, entity bigint, key bytea, part bytea) "
      "ON COMMIT DROP"};
  const Statement index_postgres{
      "CREATE INDEX IF NOT EXISTS change_reports_by_key ON change_reports (company, entity, key, "
      "part)"};
  const Statement analyze_postgres{"ANALYZE change_reports"};
  const Statement next{
      "SELECT DISTINCT company, entity, key, part FROM change_reports WHERE (company, entity, key, "
      "part) > (?1, ?2, ?3, ?4) ORDER BY company, entity, key, part LIMIT ?5"};
  const Statement remove_rows{"DELETE FROM change_reports WHERE company = ?1"};
  const Statement drop{"DROP TABLE change_reports"};
};

const Statements& statements() {
  static const Statements kAll;
  return kAll;
}

Bytes bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

// The first reports behind `last`; of all where it is null.
Result<std::vector<Report>> read_next(Session& session, const Report* last) {
  const Bind binds[] = {
      last == nullptr ? Bytes() : bytes_of(last->company),
      last == nullptr ? std::int64_t{-1} : static_cast<std::int64_t>(last->row.entity),
      last == nullptr ? Bytes() : bytes_of(last->row.key),
      last == nullptr ? Bytes() : bytes_of(last->row.part),
      static_cast<std::int64_t>(kReportsPerStep)};
  std::vector<Report> reports;
  MATRICULA_CHECK(each_row(session, statements().next, binds, [&](const storage::Rows& row) {
    reports.push_back({.company = std::string(storage::as_text(row.bytes(0))),
                       .row = {.entity = static_cast<EntityId>(row.integer(1)),
                               .key = std::string(storage::as_text(row.bytes(2))),
                               .part = std::string(storage::as_text(row.bytes(3)))}});
  }));
  return reports;
}

}  // namespace

Result<void> Reports::add(Session& session, std::string_view company, EntityId entity,
                          std::string_view key, std::string_view part) {
  const View view(company, entity, key, part);
  if (kept_.find(view) != kept_.end()) {
    return {};
  }
  if (kept_.size() == kept_max_) {
    MATRICULA_CHECK(spill(session));
  }
  kept_.insert({.company = std::string(company),
                .row = {.entity = entity, .key = std::string(key), .part = std::string(part)}});
  return {};
}

Result<void> Reports::take_rows(Session& session, const Work& work) {
  if (has_table_) {
    return take_spilled(session, true, work);
  }
  auto report = kept_.begin();
  for (; report != kept_.end() && report->company.empty(); ++report) {
    MATRICULA_CHECK(work(*report));
  }
  kept_.erase(kept_.begin(), report);
  return {};
}

Result<void> Reports::take_all(Session& session, const Work& work) {
  if (has_table_) {
    return take_spilled(session, false, work);
  }
  for (const Report& report : kept_) {
    MATRICULA_CHECK(work(report));
  }
  kept_.clear();
  return {};
}

Result<void> Reports::spill(Session& session) {
  const bool is_sqlite = session.dialect() == sql::Dialect::kSqlite;
  if (!has_table_) {
    MATRICULA_CHECK(
        session.execute(is_sqlite ? statements().make_sqlite : statements().make_postgres, {}));
    has_table_ = true;
  }
  std::vector<Bind> rows;
  for (const Report& report : kept_) {
    const Bind row[] = {bytes_of(report.company), static_cast<std::int64_t>(report.row.entity),
                        bytes_of(report.row.key), bytes_of(report.row.part)};
    if (is_sqlite) {
      MATRICULA_CHECK(session.execute(statements().add_sqlite, row));
    } else {
      rows.insert(rows.end(), std::begin(row), std::end(row));
    }
  }
  if (!is_sqlite) {
    storage::RowCopier* const copier = session.row_copier();
    MATRICULA_ASSERT(copier != nullptr);
    MATRICULA_CHECK(copier->copy_rows("change_reports", "company, entity, key, part", rows));
  }
  kept_.clear();
  return {};
}

Result<void> Reports::take_spilled(Session& session, bool only_rows, const Work& work) {
  MATRICULA_CHECK(spill(session));
  if (session.dialect() == sql::Dialect::kPostgres) {
    MATRICULA_CHECK(session.execute(statements().index_postgres, {}));
    MATRICULA_CHECK(session.execute(statements().analyze_postgres, {}));
  }
  std::vector<Report> reports;
  bool is_done = false;
  while (!is_done) {
    MATRICULA_TRY(std::vector<Report> found,
                  read_next(session, reports.empty() ? nullptr : &reports.back()));
    reports = std::move(found);
    is_done = reports.size() < kReportsPerStep;
    for (const Report& report : reports) {
      if (only_rows && !report.company.empty()) {
        is_done = true;
        break;
      }
      MATRICULA_CHECK(work(report));
    }
  }
  if (only_rows) {
    const Bind none[] = {Bytes()};
    MATRICULA_CHECK(session.execute(statements().remove_rows, none));
    return {};
  }
  has_table_ = false;
  MATRICULA_CHECK(session.execute(statements().drop, {}));
  return {};
}

}  // namespace matricula::records
