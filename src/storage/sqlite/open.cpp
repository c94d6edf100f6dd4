#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <sys/stat.h>

#include "storage/sqlite/database.h"
#include "storage/sqlite/draft.h"
#include "storage/sqlite/migrations.h"
#include "storage/sqlite/place.h"

namespace matricula::storage::sqlite {

namespace {

// Names the path to an operator where the error is only for clients so far.
Error opening_error(std::string_view path, const Error& cause) {
  return Error{.code = cause.code,
               .message = fmt::format("The store {} cannot be opened: {}", path, cause.message),
               .internal = cause.internal};
}

constexpr const char* kReadMark = "PRAGMA application_id";
constexpr const char* kReadHasLog = "SELECT journal_mode='wal' FROM pragma_journal_mode()";
constexpr const char* kCountObjects = "SELECT count(*) FROM sqlite_schema";

// Marks an empty database as a store. The mark goes to the main file, before there is a log, so
// that find_store() always sees it there.
Result<void> mark(sqlite3* connection) {
  MATRICULA_TRY(const std::int64_t id, read_integer(connection, kReadMark));
  if (id == kApplicationId) {
    return {};
  }
  MATRICULA_TRY(const std::int64_t objects, read_integer(connection, kCountObjects));
  if (id != 0 || objects != 0) {
    return fail(ErrorCode::kCorrupt, "It is not a Matricula store.");
  }
  return run_script(connection, fmt::format("PRAGMA application_id={}", kApplicationId));
}

Result<void> make_marked(const std::string& path) {
  MATRICULA_TRY(const Connection connection, open_bare(path, SQLITE_OPEN_READWRITE));
  MATRICULA_CHECK(run_script(connection.get(), "PRAGMA journal_mode=OFF"));
  return mark(connection.get());
}

// The file appears when it is marked: one that is empty was not made here, or was cut short.
// Created here because SQLite would make it readable for all users.
Result<void> create_file(const std::string& path) {
  Draft draft(path);
  if (draft.is_made()) {
    if (const Result<void> made = make_marked(draft.path()); !made) {
      return fail(opening_error(path, made.error()));
    }
  }
  // Another program may be making it at the same time.
  if (!draft.is_made() || (!draft.publish(path) && errno != EEXIST)) {
    return fail(ErrorCode::kIo,
                fmt::format("The store {} cannot be made: {}.", path, std::strerror(errno)));
  }
  return {};
}

// A log beside a file that has none of its own belongs to a store whose place the file took. It is
// kept under another name: what it holds was acknowledged once.
Result<void> set_foreign_log_aside(const StorePlace& place) {
  const std::string log = place.path + "-wal";
  struct stat status = {};
  if (place.state != StoreState::kPresent || lstat(log.c_str(), &status) != 0 ||
      status.st_size == 0) {
    return {};
  }
  MATRICULA_TRY(const bool has_no_log, is_backup(place.path));
  if (!has_no_log) {
    return {};
  }
  MATRICULA_TRY(const std::unique_ptr<LockFile> alone,
                LockFile::open_alone(place.path, place.mode));
  const std::string aside = fmt::format("{}.foreign-{}", log, status.st_mtim.tv_sec);
  if (rename(log.c_str(), aside.c_str()) != 0) {
    return fail(ErrorCode::kIo,
                fmt::format("{} is not the log of the store {}, and cannot be moved away: {}. Move "
                            "it away yourself.",
                            log, place.path, std::strerror(errno)));
  }
  unlink((place.path + "-shm").c_str());
  // On standard error: the interface above has no way to report a warning.
  fmt::print(stderr,
             "matricula: {} was the log of a store whose place this one took; it is now {}\n", log,
             aside);
  return {};
}

// Makes sure that the file is marked and uses a write-ahead log. A finished store needs nothing; a
// new one, or one whose creation was interrupted, is completed under the lock.
Result<void> finish_making(const ConnectionSettings& settings, LockFile& lock, const Clock& clock) {
  MATRICULA_TRY(const Connection connection, open_bare(settings.path, SQLITE_OPEN_READWRITE));
  sqlite3_busy_timeout(connection.get(), static_cast<int>(settings.busy_timeout.count()));
  MATRICULA_TRY(const std::int64_t id, read_integer(connection.get(), kReadMark));
  MATRICULA_TRY(const std::int64_t has_log, read_integer(connection.get(), kReadHasLog));
  if (id == kApplicationId && has_log != 0) {
    return {};
  }
  MATRICULA_TRY(const LockFile::Hold hold, lock.acquire(settings.busy_timeout, clock));
  MATRICULA_CHECK(mark(connection.get()));
  MATRICULA_CHECK(run_script(connection.get(), "PRAGMA journal_mode=WAL"));
  MATRICULA_TRY(const std::int64_t has_log_now, read_integer(connection.get(), kReadHasLog));
  if (has_log_now == 0) {
    return fail(ErrorCode::kIo,
                "Its file system cannot share memory between programs. Put it on a local disk.");
  }
  return {};
}

Result<void> bring_up_to_date(SqliteDatabase& database, const StorePlace& place,
                              const OpenOptions& options) {
  MATRICULA_TRY(const int count, database.applied());
  const auto missing = options.migrations.size() - static_cast<std::size_t>(count);
  if (missing == 0 && place.state == StoreState::kPresent) {
    return {};
  }
  if (!options.migrate && place.state == StoreState::kPresent) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("The store {} was made by an older version and lacks {} schema steps. "
                            "Back it up, then run `matricula migrate`.",
                            place.path, missing));
  }
  return database.migrate();
}

}  // namespace

Result<std::unique_ptr<Database>> open_store(std::string_view path, const OpenOptions& options,
                                             const Clock& clock) {
  check_numbering(options.migrations);
  MATRICULA_TRY(const StorePlace place, find_store(path));
  if (place.state == StoreState::kMissing && !options.create) {
    return fail(ErrorCode::kNotFound,
                fmt::format("There is no store at {}. Check the path, or make one with `matricula "
                            "migrate`.",
                            place.path));
  }
  if (place.state == StoreState::kEmpty && !(options.create && options.takes_empty_file)) {
    return fail(ErrorCode::kNotFound,
                fmt::format("The file {} is empty: there is no store in it. Restore a backup, or "
                            "make a new store in its place with `matricula migrate`.",
                            place.path));
  }
  MATRICULA_CHECK(set_foreign_log_aside(place));
  MATRICULA_TRY(std::unique_ptr<LockFile> lock, LockFile::open(place.path, place.mode));
  const ConnectionSettings settings{.path = place.path,
                                    .busy_timeout = options.busy_timeout,
                                    .page_cache_bytes = options.page_cache_bytes};
  if (place.state == StoreState::kMissing) {
    MATRICULA_CHECK(create_file(place.path));
  }
  if (Result<void> ready = finish_making(settings, *lock, clock); !ready) {
    return fail(opening_error(place.path, ready.error()));
  }
  Result<std::unique_ptr<SqliteSession>> writer =
      SqliteSession::open(settings, Access::kWrite, clock);
  if (!writer) {
    return fail(opening_error(place.path, writer.error()));
  }
  auto database = std::make_unique<SqliteDatabase>(settings, options, clock, std::move(lock),
                                                   *std::move(writer));
  if (const Result<void> in_place = database->check_in_place(); !in_place) {
    return fail(in_place.error().code, fmt::format("The store {} cannot be opened: {}.", place.path,
                                                   in_place.error().internal));
  }
  MATRICULA_CHECK(bring_up_to_date(*database, place, options));
  return database;
}

}  // namespace matricula::storage::sqlite
