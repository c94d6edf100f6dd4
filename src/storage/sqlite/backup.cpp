#include "storage/sqlite/backup.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "storage/sqlite/check.h"
#include "storage/sqlite/connection.h"
#include "storage/sqlite/draft.h"
#include "storage/sqlite/error.h"
#include "storage/sqlite/migrations.h"
#include "storage/sqlite/place.h"

namespace matricula::storage::sqlite {

namespace {

namespace fs = std::filesystem;

Error backup_error(std::string_view file, std::string_view reason) {
  return Error{.code = ErrorCode::kIo,
               .message = fmt::format("The backup {} cannot be written: {}.", file, reason)};
}

Error exists_error(std::string_view file) {
  return Error{.code = ErrorCode::kConflict,
               .message = fmt::format("The file {} exists. Name another, or move it away.", file)};
}

// A log left beside the new file would be taken for its own.
Result<void> check_free(const fs::path& target) {
  for (const std::string_view suffix : {"", "-wal", "-shm", "-journal"}) {
    const std::string path = target.string() + std::string(suffix);
    struct stat status = {};
    if (lstat(path.c_str(), &status) == 0) {
      return fail(exists_error(path));
    }
  }
  return {};
}

// One step copies all pages within one read transaction: writers go on, and the copy has none of
// their changes.
Result<void> copy_pages(sqlite3* source, const std::string& path) {
  MATRICULA_TRY(const Connection copy, open_bare(path, SQLITE_OPEN_READWRITE));
  MATRICULA_CHECK(run_script(copy.get(), "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF"));
  sqlite3_backup* const backup = sqlite3_backup_init(copy.get(), "main", source, "main");
  if (backup == nullptr) {
    return fail(last_error(copy.get(), path));
  }
  // finish() would report success for a step that was stopped by a lock.
  const int copied = sqlite3_backup_step(backup, -1);
  sqlite3_backup_finish(backup);
  if (copied != SQLITE_DONE) {
    return fail(make_error(copied, sqlite3_errstr(copied), path));
  }
  return {};
}

Error damaged_error(std::string_view backup, std::string_view problem) {
  return Error{.code = ErrorCode::kCorrupt,
               .message = fmt::format("The backup {} is damaged: {}.", backup, problem)};
}

// SQLite's file format, "The Database Header". The number of pages is in it if it was written
// together with the version number at 92.
Result<void> check_length(const std::string& backup) {
  std::array<unsigned char, 100> header = {};
  const int descriptor = open(backup.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status = {};
  const bool is_read =
      descriptor >= 0 && fstat(descriptor, &status) == 0 &&
      pread(descriptor, header.data(), header.size(), 0) == static_cast<ssize_t>(header.size());
  if (descriptor >= 0) {
    close(descriptor);
  }
  if (!is_read) {
    return fail(damaged_error(backup, "it cannot be read"));
  }
  const auto number = [&header](std::size_t at, std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = at; i < at + bytes; ++i) {
      value = value * 256 + header[i];
    }
    return value;
  };
  const std::uint64_t page_bytes = number(16, 2) == 1 ? 65'536 : number(16, 2);
  const std::uint64_t bytes = number(28, 4) * page_bytes;
  const auto length = static_cast<std::uint64_t>(status.st_size);
  if (number(24, 4) == number(92, 4) && length < bytes) {
    return fail(
        damaged_error(backup, fmt::format("it is cut off, with {} bytes of {}", length, bytes)));
  }
  return {};
}

}  // namespace

Result<void> check_backup(const std::string& backup, std::span<const Migration> known) {
  MATRICULA_CHECK(check_length(backup));
  const auto look = [&]() -> Result<std::vector<std::string>> {
    MATRICULA_TRY(const Connection connection, open_untouched(backup));
    MATRICULA_TRY(std::vector<std::string> problems, find_problems(connection.get()));
    if (!problems.empty()) {
      return problems;
    }
    MATRICULA_TRY(const std::int64_t version,
                  read_integer(connection.get(), "PRAGMA user_version"));
    if (version > static_cast<std::int64_t>(known.size())) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("The backup {} was made by a newer version of Matricula (its schema "
                              "has {} steps; this program knows {}). Restore it with that version.",
                              backup, version, known.size()));
    }
    MATRICULA_CHECK(applied_migrations(connection.get(), known, backup));
    return problems;
  };
  const Result<std::vector<std::string>> problems = look();
  if (!problems && problems.error().internal.empty()) {
    return fail(problems.error());
  }
  if (!problems) {
    return fail(problems.error().code, fmt::format("The backup {} cannot be read: {}.", backup,
                                                   problems.error().internal));
  }
  return problems->empty() ? Result<void>() : fail(damaged_error(backup, problems->front()));
}

Result<void> copy_backup(const std::string& backup, const std::string& to) {
  const int descriptor = open(to.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return fail(backup_error(to, std::strerror(errno)));
  }
  close(descriptor);
  MATRICULA_TRY(const Connection source, open_untouched(backup));
  return copy_pages(source.get(), to);
}

Result<void> mark_as_backup(const std::string& path) {
  constexpr off_t kVersions = 18;  // of the file format: to write, to read
  const int descriptor = open(path.c_str(), O_RDWR | O_CLOEXEC);
  const bool is_marked = descriptor >= 0 && pwrite(descriptor, "\1\1", 2, kVersions) == 2;
  const std::string cause = std::strerror(errno);
  if (descriptor >= 0) {
    close(descriptor);
  }
  return is_marked ? Result<void>() : Result<void>(fail(backup_error(path, cause)));
}

Result<void> back_up(sqlite3* source, const std::string& file) {
  std::error_code error;
  const fs::path target = fs::absolute(fs::path(file), error);
  const std::string directory = target.parent_path().string();
  if (error || file.empty() || !target.has_filename()) {
    return fail(ErrorCode::kUsage, "The backup needs the name of a file.");
  }
  MATRICULA_CHECK(check_free(target));
  Draft draft(target.string());
  if (!draft.is_made()) {
    return fail(backup_error(file, std::strerror(errno)));
  }
  if (const Result<void> copied = copy_pages(source, draft.path()); !copied) {
    Error told = backup_error(file, "the store could not be copied");
    told.code = copied.error().code;
    told.internal = copied.error().internal;
    return fail(std::move(told));
  }
  MATRICULA_CHECK(mark_as_backup(draft.path()));
  if (!sync_file(draft.path())) {
    return fail(backup_error(file, std::strerror(errno)));
  }
  if (!draft.publish(target.string())) {
    return fail(errno == EEXIST ? exists_error(file) : backup_error(file, std::strerror(errno)));
  }
  if (!sync_directory(directory)) {
    return fail(backup_error(file, std::strerror(errno)));
  }
  return {};
}

}  // namespace matricula::storage::sqlite
