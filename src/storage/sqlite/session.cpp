#include "storage/sqlite/session.h"

#include <fmt/format.h>
#include <utility>

#include "base/assert.h"
#include "base/thread_priority.h"
#include "storage/each_row.h"
#include "storage/sqlite/error.h"
#include "storage/sqlite/limits.h"

namespace matricula::storage::sqlite {

Result<std::unique_ptr<SqliteSession>> SqliteSession::open(const ConnectionSettings& settings,
                                                           Access access, const Clock& clock) {
  MATRICULA_TRY(Connection connection, open_connection(settings, access));
  MATRICULA_TRY(End commit, prepare_end(connection.get(), "COMMIT"));
  MATRICULA_TRY(End rollback, prepare_end(connection.get(), "ROLLBACK"));
  return std::unique_ptr<SqliteSession>(new SqliteSession(std::move(connection), access, clock,
                                                          std::move(commit), std::move(rollback)));
}

Result<SqliteSession::End> SqliteSession::prepare_end(sqlite3* connection, const char* text) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(connection, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) !=
      SQLITE_OK) {
    return fail(last_error(connection, text));
  }
  return End(statement);
}

SqliteSession::SqliteSession(Connection connection, Access access, const Clock& clock, End commit,
                             End rollback)
    : access_(access),
      clock_(clock),
      connection_(std::move(connection)),
      prepared_(connection_.get()),
      commit_(std::move(commit)),
      rollback_(std::move(rollback)) {
  sqlite3_progress_handler(connection_.get(), kStepsPerDeadlineCheck, is_past_deadline, this);
}

SqliteSession::~SqliteSession() {
  MATRICULA_ASSERT(!prepared_.is_any_running());
}

int SqliteSession::is_past_deadline(void* session) {
  const auto* const self = static_cast<const SqliteSession*>(session);
  give_way();
  return self->deadline_ != std::chrono::nanoseconds::max() &&
                 self->clock_.monotonic() >= self->deadline_
             ? 1
             : 0;
}

// A short statement ends before SQLite calls is_past_deadline(); many of them could pass the
// deadline one by one.
Result<void> SqliteSession::check_can_run() const {
  // A page that was mapped since then may read as zeros.
  if (bus_errors() != bus_errors_at_open_) {
    return fail(make_error(SQLITE_CORRUPT, "a page of the mapped file could not be read", {}));
  }
  if (deadline_ != std::chrono::nanoseconds::max() && clock_.monotonic() >= deadline_) {
    return fail(make_error(SQLITE_INTERRUPT, "the deadline passed between statements", {}));
  }
  if (access_ == Access::kRead && !in_snapshot_ && is_in_transaction()) {
    roll_back();
    if (is_in_transaction()) {
      return fail(make_error(SQLITE_NOMEM, "an earlier snapshot could not be ended", {}));
    }
  }
  // SQLite rolls the whole transaction back by itself on some failures, such as a full disk. Later
  // statements would be committed one by one although write() fails.
  if (access_ == Access::kWrite && !is_in_transaction()) {
    return fail(ErrorCode::kUnavailable, "The change could not be stored. Try again later.",
                {.internal = "the transaction was already rolled back by an earlier failure"});
  }
  return {};
}

Result<RowsHandle> SqliteSession::query(const Statement& statement, std::span<const Bind> binds) {
  MATRICULA_CHECK(check_can_run());
  MATRICULA_TRY(Prepared * prepared, prepared_.find(statement));
  MATRICULA_CHECK(prepared->start(binds));
  return RowsHandle(prepared);
}

Result<std::int64_t> SqliteSession::execute(const Statement& statement,
                                            std::span<const Bind> binds) {
  MATRICULA_TRY(const RowsHandle rows, query(statement, binds));
  MATRICULA_ASSERT(!static_cast<const Prepared&>(*rows).gives_rows());
  const std::int64_t total_before = sqlite3_total_changes64(connection_.get());
  MATRICULA_CHECK(rows->next());
  // changes() keeps its last value when a statement is not about rows.
  return sqlite3_total_changes64(connection_.get()) == total_before
             ? 0
             : sqlite3_changes64(connection_.get());
}

Result<void> SqliteSession::begin_snapshot() {
  if (access_ == Access::kWrite) {
    return {};
  }
  MATRICULA_ASSERT(!in_snapshot_);
  MATRICULA_CHECK(execute(begin_, {}));
  in_snapshot_ = true;
  return {};
}

// Where even the rollback fails, the next use of the session tries it again.
void SqliteSession::end_snapshot() noexcept {
  if (access_ == Access::kWrite) {
    return;
  }
  MATRICULA_ASSERT(in_snapshot_);
  in_snapshot_ = false;
  // The deadline was for the reads; the end of the snapshot must not fail by it.
  const auto deadline = std::exchange(deadline_, std::chrono::nanoseconds::max());
  if (is_in_transaction()) {
    sqlite3_step(commit_.get());
    sqlite3_reset(commit_.get());
    roll_back();
  }
  deadline_ = deadline;
}

bool SqliteSession::is_in_transaction() const noexcept {
  return sqlite3_get_autocommit(connection_.get()) == 0;
}

// Does nothing outside of a transaction.
void SqliteSession::roll_back() const noexcept {
  if (is_in_transaction()) {
    sqlite3_step(rollback_.get());
    sqlite3_reset(rollback_.get());
  }
}

Result<void> SqliteSession::drop_indexes(std::string_view table) {
  MATRICULA_ASSERT(access_ == Access::kWrite && dropped_indexes_.empty());
  static const Statement kIndexes(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?1 AND sql IS NOT "
      "NULL ORDER BY name");
  std::string drop;
  {
    const Bind binds[] = {table};
    MATRICULA_CHECK(each_row(*this, kIndexes, binds, [&](const Rows& row) {
      drop += fmt::format("DROP INDEX \"{}\";", row.text(0));
      dropped_indexes_.emplace_back(row.text(1));
    }));
  }
  return run_script(connection_.get(), drop);
}

// SQLite sorts as much in memory as the page cache may hold, beside what it holds.
Result<void> SqliteSession::rebuild_indexes() {
  MATRICULA_CHECK(check_can_run());
  sqlite3* const connection = connection_.get();
  MATRICULA_TRY(const std::int64_t cache_size, read_integer(connection, "PRAGMA cache_size"));
  MATRICULA_CHECK(
      run_script(connection, fmt::format("PRAGMA cache_size=-{}", kSortBytesMax / 1024)));
  Result<void> made;
  for (const std::string& sql : dropped_indexes_) {
    made = made ? run_script(connection, sql) : made;
  }
  MATRICULA_CHECK(run_script(connection, fmt::format("PRAGMA cache_size={}", cache_size)));
  MATRICULA_CHECK(made);
  dropped_indexes_.clear();
  return {};
}

// SQLite looks at this setting when a transaction begins, and again when it sorts.
Result<void> SqliteSession::begin_write(Undo undo) {
  MATRICULA_ASSERT(access_ == Access::kWrite);
  roll_back();  // what an earlier write may have left: see rollback_write()
  return run_script(connection_.get(), undo == Undo::kInMemory
                                           ? "PRAGMA temp_store=MEMORY; BEGIN IMMEDIATE;"
                                             "PRAGMA temp_store=FILE"
                                           : "BEGIN IMMEDIATE");
}

Result<void> SqliteSession::commit_write() {
  MATRICULA_ASSERT(!prepared_.is_any_running());
  deadline_ = std::chrono::nanoseconds::max();
  MATRICULA_CHECK(check_can_run());
  MATRICULA_ASSERT(dropped_indexes_.empty());
  return run_script(connection_.get(), "COMMIT");
}

void SqliteSession::rollback_write() noexcept {
  MATRICULA_ASSERT(!prepared_.is_any_running());
  deadline_ = std::chrono::nanoseconds::max();
  dropped_indexes_.clear();
  roll_back();
}

}  // namespace matricula::storage::sqlite
