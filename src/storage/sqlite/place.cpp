#include "storage/sqlite/place.h"

#include <cerrno>
#include <climits>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "storage/sqlite/connection.h"

namespace matricula::storage::sqlite {

namespace {

namespace fs = std::filesystem;

constexpr off_t kHeaderBytes = 100;
constexpr std::size_t kWriteVersion = 18;
// Such as "-journal" and "-wal.foreign-" with a time.
constexpr std::size_t kEndingBytesMax = 32;

// Follows symbolic links, also those to a file that does not exist yet.
Result<fs::path> follow_links(fs::path path) {
  constexpr int kLinksMax = 40;
  std::error_code error;
  for (int links = 0; fs::is_symlink(fs::symlink_status(path, error)); ++links) {
    if (links == kLinksMax) {
      return fail(
          ErrorCode::kUsage,
          fmt::format("The store {} is a circle of symbolic links. Name a file.", path.string()));
    }
    const fs::path target = fs::read_symlink(path, error);
    if (error) {
      break;
    }
    path = target.is_absolute() ? target : path.parent_path() / target;
  }
  return path;
}

Result<fs::path> resolve(std::string_view text) {
  if (text.empty() || text.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::kUsage, "The store has no path. Use sqlite:PATH.");
  }
  std::error_code error;
  const fs::path absolute = fs::absolute(fs::path(text), error);
  if (error) {
    return fail(ErrorCode::kNotFound,
                "The working directory does not exist any more. Change to another one, or give the "
                "store's absolute path.");
  }
  MATRICULA_TRY(const fs::path named, follow_links(absolute));
  if (fs::exists(named, error)) {
    return fs::path(fs::canonical(named, error));
  }
  if (error) {
    return fail(ErrorCode::kIo,
                fmt::format("The store {} cannot be looked at: {}. Check the permissions of its "
                            "directory.",
                            text, error.message()));
  }
  const fs::path directory = fs::canonical(named.parent_path(), error);
  if (error || !fs::is_directory(directory, error)) {
    return fail(ErrorCode::kNotFound,
                fmt::format("The directory {} does not exist. Create it, or name another store.",
                            named.parent_path().string()));
  }
  if (!named.has_filename()) {
    return fail(ErrorCode::kUsage,
                fmt::format("The store {} is a directory. Name a file in it.", text));
  }
  // Files beside it have its name and these endings.
  if (named.filename().string().size() + kEndingBytesMax > NAME_MAX) {
    return fail(ErrorCode::kUsage,
                fmt::format("The name of the store {} is too long: give one of at most {} bytes.",
                            text, NAME_MAX - kEndingBytesMax));
  }
  return directory / named.filename();
}

Error read_only_error(const std::string& path) {
  return {
      .code = ErrorCode::kIo,
      .message = fmt::format("The store {} is on a file system that is read-only. Readers write "
                             "beside it too: mount it for writing, or restore a backup of it "
                             "elsewhere.",
                             path)};
}

Result<void> check_permissions(const fs::path& path, bool exists) {
  if (exists && access(path.c_str(), R_OK | W_OK) != 0) {
    if (errno == EROFS) {
      return fail(read_only_error(path.string()));
    }
    return fail(ErrorCode::kIo,
                fmt::format("There is no permission to read and write the store {}. Change its "
                            "owner or mode, or run as its owner.",
                            path.string()));
  }
  if (access(path.parent_path().c_str(), R_OK | W_OK | X_OK) != 0) {
    if (errno == EROFS) {
      return fail(read_only_error(path.string()));
    }
    return fail(ErrorCode::kIo,
                fmt::format("There is no permission to write in the directory {}, where the store "
                            "{} keeps its files. Change its owner or mode.",
                            path.parent_path().string(), path.string()));
  }
  return {};
}

Error foreign(const fs::path& path, std::string_view what) {
  return Error{
      .code = ErrorCode::kCorrupt,
      .message = fmt::format("The file {} is not a Matricula store: it is {}. Name another "
                             "file, or move this one away.",
                             path.string(), what)};
}

Result<StoreState> recognise(const fs::path& path) {
  MATRICULA_TRY(const Connection connection, open_untouched(path.string()));
  const Result<std::int64_t> id = read_integer(connection.get(), "PRAGMA application_id");
  if (id && *id == kApplicationId) {
    return StoreState::kPresent;
  }
  if (!id) {
    const bool is_other = (sqlite3_extended_errcode(connection.get()) & 0xff) == SQLITE_NOTADB;
    if (is_other) {
      return fail(foreign(path, "no SQLite database"));
    }
    // A checkpoint may be running, half of which was read here without a lock. open_connection(),
    // which comes next, finds out.
    return StoreState::kPresent;
  }
  // Making a store marks it first of all, so an unmarked file with anything in it is not ours.
  const Result<std::int64_t> objects =
      read_integer(connection.get(), "SELECT count(*) FROM sqlite_schema");
  std::error_code error;
  const bool has_log =
      fs::exists(path.string() + "-wal", error) && fs::file_size(path.string() + "-wal", error) > 0;
  if (*id == 0 && objects && *objects == 0 && !has_log) {
    return StoreState::kEmpty;
  }
  return fail(foreign(path, "a database of another program"));
}

}  // namespace

// SQLite's file format, "The Database Header": byte 18 is 2 from when a database has a write-ahead
// log. A store has one as long as it lives; a backup is written with 1.
Result<bool> is_backup(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  char header[kHeaderBytes] = {};
  const ssize_t length = descriptor < 0 ? -1 : pread(descriptor, header, sizeof header, 0);
  if (descriptor >= 0) {
    close(descriptor);
  }
  if (length < 0) {
    return fail(ErrorCode::kIo, fmt::format("{} cannot be read: {}.", path, std::strerror(errno)));
  }
  return length == static_cast<ssize_t>(sizeof header) && header[kWriteVersion] == 1;
}

Result<std::string> find_backup(std::string_view text) {
  std::error_code error;
  const fs::path path = fs::canonical(fs::path(text), error);
  struct stat status = {};
  if (error || stat(path.c_str(), &status) != 0) {
    return fail(ErrorCode::kNotFound,
                fmt::format("There is no backup at {}. Check the path.", text));
  }
  if (!S_ISREG(status.st_mode) || access(path.c_str(), R_OK) != 0) {
    return fail(ErrorCode::kIo, fmt::format("The backup {} is no file that can be read.", text));
  }
  if (status.st_size < kHeaderBytes) {
    return fail(foreign(path, "no SQLite database"));
  }
  MATRICULA_TRY(const StoreState state, recognise(path));
  if (state != StoreState::kPresent) {
    return fail(foreign(path, "an empty database"));
  }
  return path.string();
}

Result<StorePlace> find_store(std::string_view text) {
  MATRICULA_TRY(const fs::path path, resolve(text));
  struct stat status = {};
  const bool exists = stat(path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) {
    return fail(ErrorCode::kUsage,
                fmt::format("The store {0} is a directory. Name a file in it, such as "
                            "{0}/matricula.db.",
                            path.string()));
  }
  if (exists && !S_ISREG(status.st_mode)) {
    return fail(ErrorCode::kUsage,
                fmt::format("The store {} is not a regular file. Name another.", path.string()));
  }
  // SQLite's "How To Corrupt An SQLite Database File", section 2.5: each name has a log and a lock
  // of its own.
  if (exists && status.st_nlink > 1) {
    return fail(
        ErrorCode::kUsage,
        fmt::format("The store {} has {} hard links. Each name would have a write-ahead log "
                    "and a lock of its own, which damages the store. Remove the others "
                    "(find -samefile), or make a copy with `matricula backup`.",
                    path.string(), status.st_nlink));
  }
  MATRICULA_CHECK(check_permissions(path, exists));
  StorePlace place{.path = path.string()};
  if (!exists) {
    return place;
  }
  // SQLite would take a file of one byte for an empty one.
  if (status.st_size > 0 && status.st_size < kHeaderBytes) {
    return fail(foreign(path, "no SQLite database"));
  }
  place.mode = status.st_mode & 0666;
  place.state = StoreState::kEmpty;
  if (status.st_size > 0) {
    MATRICULA_TRY(place.state, recognise(path));
  }
  return place;
}

}  // namespace matricula::storage::sqlite
