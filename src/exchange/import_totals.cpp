#include "exchange/import_totals.h"

#include "storage/each_row.h"

namespace matricula::exchange {
namespace {

using storage::Bind;
using storage::Session;
using storage::Statement;

struct Statements {
  const Statement add{
      "INSERT INTO imports (entity, files, changed, unchanged, deleted, rejected, finished_at) "
      "VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (entity) DO UPDATE SET "
      "files = imports.files + 1, changed = imports.changed + excluded.changed, "
      "unchanged = imports.unchanged + excluded.unchanged, "
      "deleted = imports.deleted + excluded.deleted, "
      "rejected = imports.rejected + excluded.rejected, finished_at = excluded.finished_at"};
  const Statement read{
      "SELECT entity, files, changed, unchanged, deleted, rejected, finished_at FROM imports "
      "ORDER BY entity"};
};

const Statements& statements() {
  static const Statements kAll;
  return kAll;
}

}  // namespace

Result<void> add_import(Session& session, const records::Entity& entity, const FileReport& report,
                        Timestamp now) {
  const Bind binds[] = {entity.name,
                        static_cast<std::int64_t>(report.changed),
                        static_cast<std::int64_t>(report.unchanged),
                        static_cast<std::int64_t>(report.deleted),
                        static_cast<std::int64_t>(report.rejected),
                        std::int64_t{now}};
  MATRICULA_CHECK(session.execute(statements().add, binds));
  return {};
}

Result<std::vector<ImportTotals>> read_import_totals(Session& session) {
  std::vector<ImportTotals> all;
  MATRICULA_CHECK(each_row(session, statements().read, {}, [&](const storage::Rows& row) {
    all.push_back({.entity = std::string(row.text(0)),
                   .files = row.integer(1),
                   .changed = row.integer(2),
                   .unchanged = row.integer(3),
                   .deleted = row.integer(4),
                   .rejected = row.integer(5),
                   .finished_at = row.integer(6)});
  }));
  return all;
}

}  // namespace matricula::exchange
