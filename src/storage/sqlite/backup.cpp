#include "storage/sqlite/backup.h"

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
#include "storage/sqlite/connection.h"
#include "storage/sqlite/error.h"
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

// A file of its own beside the target, removed unless it was published.
class Draft {
 public:
  explicit Draft(std::string pattern) : path_(std::move(pattern)) {
    const int descriptor = mkostemp(path_.data(), O_CLOEXEC);
    if (descriptor >= 0) {
      is_made_ = true;
      close(descriptor);
    }
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft() {
    if (is_made_) {
      unlink(path_.c_str());
    }
  }
  bool is_made() const { return is_made_; }
  const std::string& path() const { return path_; }

  // Gives the file its name, unless there is one of that name; errno says why not.
  bool publish(const std::string& target) {
    const bool is_published = publish_new_file(path_, target);
    is_made_ = !is_published;
    return is_published;
  }

 private:
  std::string path_;
  bool is_made_ = false;
};

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

}  // namespace

Result<void> copy_backup(const std::string& backup, const std::string& to) {
  const int descriptor = open(to.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return fail(backup_error(to, std::strerror(errno)));
  }
  close(descriptor);
  MATRICULA_TRY(const Connection source,
                open_bare(untouched_address(backup), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI));
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
  Draft draft(target.string() + std::string(kDraftEnding));
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
