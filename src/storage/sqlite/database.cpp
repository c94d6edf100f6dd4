#include "storage/sqlite/database.h"

#include <algorithm>
#include <fmt/format.h>
#include <sys/stat.h>
#include <utility>

#include "base/assert.h"
#include "base/bus_errors.h"
#include "storage/rollback_guard.h"
#include "storage/sqlite/backup.h"
#include "storage/sqlite/check.h"
#include "storage/sqlite/error.h"
#include "storage/sqlite/migrations.h"

namespace matricula::storage::sqlite {

namespace {

constexpr std::chrono::milliseconds kCloseLimit{1000};

// How long a write waits: as configured, and not beyond its deadline.
std::chrono::milliseconds wait_left(std::chrono::milliseconds configured,
                                    std::chrono::nanoseconds wait_until,
                                    std::chrono::nanoseconds now) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::max(wait_until, now) - now);
  return std::min(configured, left);
}

// SQLite opens the log with the first read, and makes it where there is none.
std::optional<FileId> file_in_use(sqlite3* connection, const std::string& path) {
  return read_integer(connection, "PRAGMA user_version") ? file_at(path) : std::nullopt;
}

}  // namespace

SqliteDatabase::SqliteDatabase(ConnectionSettings settings, const OpenOptions& options,
                               const Clock& clock, std::unique_ptr<LockFile> lock,
                               std::unique_ptr<SqliteSession> writer)
    : settings_(std::move(settings)),
      migrations_(options.migrations.begin(), options.migrations.end()),
      clock_(clock),
      lock_(std::move(lock)),
      writer_(std::move(writer)),
      file_(file_in_use(writer_->connection(), settings_.path)),
      log_(file_in_use(writer_->connection(), settings_.path + "-wal")),
      log_index_(file_in_use(writer_->connection(), settings_.path + "-shm")) {
  checkpointer_.attach(writer_->connection());
}

SqliteDatabase::~SqliteDatabase() {
  const Result<LockFile::Hold> hold = lock_->acquire(kCloseLimit, clock_);
  // The log at the path of a file that was replaced is not this file's.
  if (hold && check_in_place()) {
    // SQLite may now checkpoint and remove the log when the last connection of all closes.
    lock_->forget_log();
    sqlite3_db_config(writer_->connection(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
    checkpointer_.run_all();
  } else if (hold) {
    save_removed_log();
  }
  writer_.reset();
}

Result<void> SqliteDatabase::check_in_place() const {
  for (const auto& [ours, ending] : {std::pair(file_, ""), {log_, "-wal"}, {log_index_, "-shm"}}) {
    const std::string path = settings_.path + ending;
    if (!ours || file_at(path) != ours) {
      return fail(moved_error(path));
    }
  }
  MATRICULA_CHECK(lock_->check_in_place());
  if (!lock_->agrees_on_log(
          {.store = file_->number, .log = log_->number, .index = log_index_->number})) {
    return fail(moved_error(settings_.path + "-wal or -shm"));
  }
  return {};
}

// Where the log was removed, what it holds is in this process alone, and goes into the store's
// file: no other process writes there before all have ended. One that opened the store since has
// left an empty log.
void SqliteDatabase::save_removed_log() {
  const std::string log = settings_.path + "-wal";
  struct stat status = {};
  const bool is_removed = lstat(log.c_str(), &status) != 0 || status.st_size == 0;
  if (is_removed && log_ && file_at(log) != log_ && file_ && file_at(settings_.path) == file_ &&
      lock_->check_in_place()) {
    checkpointer_.run_all();
  }
}

Result<std::unique_ptr<Session>> SqliteDatabase::open_reader() {
  MATRICULA_TRY(std::unique_ptr<Session> session,
                SqliteSession::open(settings_, Access::kRead, clock_));
  return session;
}

Result<void> SqliteDatabase::write(std::chrono::nanoseconds wait_until, const Work& work) {
  return write_and_file(work, {.caches = Caches::kInvalidated, .wait_until = wait_until});
}

Result<void> SqliteDatabase::write_keeping_caches(std::chrono::nanoseconds wait_until,
                                                  const Work& work) {
  return write_and_file(work, {.caches = Caches::kKept, .wait_until = wait_until});
}

Result<void> SqliteDatabase::write_records(const RecordsWrite& write) {
  return write_and_file(write.work, {.caches = Caches::kInvalidated,
                                     .undo = write.is_row_by_row ? Undo::kInMemory : Undo::kInFile,
                                     .wait_until = write.wait_until});
}

Result<void> SqliteDatabase::write_and_file(const Work& work, const Kind& kind) {
  const auto both = [&](Session& session) -> Result<void> {
    MATRICULA_CHECK(work(session));
    return people_.file(session);
  };
  return transact(both, kind);
}

Result<void> SqliteDatabase::transact(const Work& work, const Kind& kind) {
  const std::chrono::milliseconds wait =
      wait_left(settings_.busy_timeout, kind.wait_until, clock_.monotonic());
  MATRICULA_TRY(const LockFile::Hold hold, lock_->acquire(wait, clock_));
  if (Result<void> in_place = check_in_place(); !in_place) {
    save_removed_log();
    return in_place;
  }
  MATRICULA_CHECK(writer_->begin_write(kind.undo));
  {
    RollbackUnlessEnded transaction(*writer_);
    MATRICULA_CHECK(work(*writer_));
    MATRICULA_CHECK(commit(kind.caches));
    transaction.set_ended();
  }
  if (const Result<void> in_place = check_in_place(); !in_place) {
    save_removed_log();
    return fail(ErrorCode::kUnavailable,
                "It is not known whether the change was stored: files of the store were removed "
                "while it was being written. Look before you repeat it.",
                {.internal = in_place.error().internal});
  }
  checkpointer_.after_commit();
  return {};
}

Result<void> SqliteDatabase::commit(Caches caches) {
  if (caches == Caches::kKept) {
    return writer_->commit_write();
  }
  lock_->begin_commit();
  Result<void> committed = writer_->commit_write();
  lock_->end_commit();
  return committed;
}

// A writer that died during its commit left the generation odd, and no cache is used while it is.
void SqliteDatabase::repair_generation() {
  if (generation() % 2 == 1) {
    static_cast<void>(lock_->acquire(std::chrono::milliseconds(0), clock_));
  }
}

StoreHealth SqliteDatabase::health() {
  repair_generation();
  StoreHealth health;
  // After a bus error no session of this process is used again. A session would make a log where it
  // was removed.
  if (bus_errors() != 0 || !check_in_place()) {
    return health;
  }
  const Result<std::unique_ptr<SqliteSession>> session =
      SqliteSession::open(settings_, Access::kRead, clock_);
  if (!session) {
    return health;
  }
  const Result<std::int64_t> version =
      read_integer((*session)->connection(), "PRAGMA user_version");
  health.reachable = version.has_value();
  health.migrations_current = version && *version == static_cast<std::int64_t>(migrations_.size());
  return health;
}

Result<int> SqliteDatabase::applied() const {
  return applied_migrations(writer_->connection(), migrations_, settings_.path);
}

// A transaction for each step, so that a step that fails takes back only itself.
Result<void> SqliteDatabase::migrate() {
  bool is_complete = false;
  while (!is_complete) {
    const auto step = [this, &is_complete](Session&) -> Result<void> {
      MATRICULA_TRY(is_complete, apply_next());
      return {};
    };
    MATRICULA_CHECK(transact(step, {.caches = Caches::kInvalidated}));
  }
  return write(kNoDeadline, [](Session&) { return Result<void>(); });
}

Result<bool> SqliteDatabase::apply_next() {
  sqlite3* const connection = writer_->connection();
  MATRICULA_CHECK(make_migrations_table(connection));
  MATRICULA_TRY(const int count, applied());
  const auto index = static_cast<std::size_t>(count);
  if (index < migrations_.size()) {
    MATRICULA_CHECK(apply_migration(connection, migrations_[index], clock_.now()));
  }
  return index + 1 >= migrations_.size();
}

Result<std::vector<std::string>> SqliteDatabase::check() {
  MATRICULA_TRY(const Connection connection, open_connection(settings_, Access::kRead));
  return find_problems(connection.get());
}

Result<void> SqliteDatabase::backup(const std::string& file) {
  MATRICULA_TRY(const Connection connection, open_connection(settings_, Access::kRead));
  return back_up(connection.get(), file);
}

}  // namespace matricula::storage::sqlite
