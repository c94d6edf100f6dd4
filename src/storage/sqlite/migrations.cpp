#include "storage/sqlite/migrations.h"

#include <fmt/format.h>
#include <memory>

#include "base/assert.h"
#include "storage/sqlite/error.h"
#include "storage/sqlite/prepared.h"

namespace matricula::storage::sqlite {

void check_numbering(std::span<const Migration> known) {
  int expected = 0;
  for (const Migration& step : known) {
    MATRICULA_ASSERT(step.number == ++expected);
  }
}

namespace {

Error newer_error(std::string_view path, std::int64_t store_step, std::size_t known_steps) {
  return Error{.code = ErrorCode::kCorrupt,
               .message = fmt::format(
                   "The store {} was made by a newer version of Matricula (its schema has {} "
                   "steps; this program knows {}). Use the newer version, or restore a backup.",
                   path, store_step, known_steps)};
}

Result<int> compare_names(sqlite3* connection, std::span<const Migration> known,
                          std::string_view path) {
  const Statement applied("SELECT number, name FROM schema_migrations ORDER BY number");
  MATRICULA_TRY(const std::unique_ptr<Prepared> prepared, Prepared::prepare(connection, applied));
  MATRICULA_CHECK(prepared->start({}));
  const RowsHandle rows(prepared.get());
  int count = 0;
  for (;;) {
    MATRICULA_TRY(const bool is_row, rows->next());
    if (!is_row) {
      return count;
    }
    const std::int64_t number = rows->integer(0);
    const auto index = static_cast<std::size_t>(count);
    if (number != count + 1 || (index < known.size() && known[index].name != rows->text(1))) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("The store {} has the schema step {} \"{}\", which this program does "
                              "not know. Use the program that made the store, or restore a backup.",
                              path, number, rows->text(1)));
    }
    ++count;
  }
}

}  // namespace

Result<int> applied_migrations(sqlite3* connection, std::span<const Migration> known,
                               std::string_view path) {
  // The header's number is looked at first: it will be understood even if the table ever changes.
  MATRICULA_TRY(const std::int64_t version, read_integer(connection, "PRAGMA user_version"));
  if (version > static_cast<std::int64_t>(known.size())) {
    return fail(newer_error(path, version, known.size()));
  }
  MATRICULA_TRY(const std::int64_t has_table,
                read_integer(connection,
                             "SELECT count(*) FROM sqlite_schema WHERE name='schema_migrations'"));
  if (has_table == 0) {
    return 0;
  }
  MATRICULA_TRY(const int count, compare_names(connection, known, path));
  if (static_cast<std::size_t>(count) > known.size()) {
    return fail(newer_error(path, count, known.size()));
  }
  return count;
}

Result<void> make_migrations_table(sqlite3* connection) {
  return run_script(connection,
                    "CREATE TABLE IF NOT EXISTS schema_migrations ("
                    "number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL"
                    ") STRICT");
}

Result<void> apply_migration(sqlite3* connection, const Migration& step, Timestamp now) {
  MATRICULA_CHECK(run_script(connection, std::string(step.sqlite)));
  const Statement note("INSERT INTO schema_migrations(number, name, applied_at) VALUES(?1,?2,?3)");
  MATRICULA_TRY(const std::unique_ptr<Prepared> prepared, Prepared::prepare(connection, note));
  const Bind binds[] = {std::int64_t{step.number}, step.name, now};
  MATRICULA_CHECK(prepared->start(binds));
  {
    const RowsHandle rows(prepared.get());
    MATRICULA_CHECK(rows->next());
  }
  return run_script(connection, fmt::format("PRAGMA user_version={}", step.number));
}

}  // namespace matricula::storage::sqlite
