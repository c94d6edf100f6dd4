#include "storage/sqlite/place.h"

#include <filesystem>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "storage/sqlite/connection.h"

namespace matricula::storage::sqlite {

namespace {

namespace fs = std::filesystem;

Result<fs::path> resolve(std::string_view text) {
  if (text.empty() || text.find('\0') != std::string_view::npos) {
    return fail(ErrorCode::kUsage, "The store has no path. Use sqlite:PATH.");
  }
  std::error_code error;
  const fs::path named = fs::absolute(fs::path(text), error);
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
  return directory / named.filename();
}

Result<void> check_permissions(const fs::path& path, bool exists) {
  if (exists && access(path.c_str(), R_OK | W_OK) != 0) {
    return fail(ErrorCode::kIo,
                fmt::format("There is no permission to read and write the store {}. Change its "
                            "owner or mode, or run as its owner.",
                            path.string()));
  }
  if (access(path.parent_path().c_str(), R_OK | W_OK | X_OK) != 0) {
    return fail(ErrorCode::kIo,
                fmt::format("There is no permission to write in the directory {}, where the store "
                            "{} keeps its files. Change its owner or mode.",
                            path.parent_path().string(), path.string()));
  }
  return {};
}

// A file: address that makes SQLite read the main file alone: no lock, no log, no files beside it.
std::string untouched_address(const fs::path& path) {
  std::string address = "file:";
  for (const char c : path.string()) {
    if (c == '%' || c == '?' || c == '#') {
      address += fmt::format("%{:02X}", static_cast<unsigned>(c));
    } else {
      address += c;
    }
  }
  return address + "?immutable=1";
}

Error foreign(const fs::path& path, std::string_view what) {
  return Error{
      .code = ErrorCode::kCorrupt,
      .message = fmt::format("The file {} is not a Matricula store: it is {}. Name another "
                             "file, or move this one away.",
                             path.string(), what)};
}

Result<StoreState> recognise(const fs::path& path) {
  MATRICULA_TRY(const Connection connection,
                open_bare(untouched_address(path), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI));
  const Result<std::int64_t> id = read_integer(connection.get(), "PRAGMA application_id");
  if (id && *id == kApplicationId) {
    return StoreState::kPresent;
  }
  if (!id) {
    const bool is_other = (sqlite3_extended_errcode(connection.get()) & 0xff) == SQLITE_NOTADB;
    if (is_other) {
      return fail(foreign(path, "no SQLite database"));
    }
    // A checkpoint may be running, and looking past the locks we met it half done. The proper
    // opening, which comes next, decides.
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
  MATRICULA_CHECK(check_permissions(path, exists));
  StorePlace place{.path = path.string()};
  if (!exists) {
    return place;
  }
  // SQLite would take a file of one byte for an empty one.
  constexpr off_t kHeaderBytes = 100;
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
