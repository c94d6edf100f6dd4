#include "storage/restore.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/temporary_names.h"
#include "storage/postgres/address.h"
#include "storage/sqlite/backup.h"
#include "storage/sqlite/database.h"
#include "storage/sqlite/draft.h"
#include "storage/sqlite/lock_file.h"
#include "storage/sqlite/place.h"

namespace matricula::storage {
namespace {

constexpr std::array<std::string_view, 3> kBeside = {"-wal", "-shm", "-journal"};
constexpr std::string_view kScheme = "sqlite:";

constexpr std::string_view kWorkplace = ".restore-XXXXXX";

bool exists(const std::string& path) {
  struct stat status = {};
  return lstat(path.c_str(), &status) == 0;
}

tl::unexpected<Error> io_error(std::string_view what, const std::string& path) {
  return fail(ErrorCode::kIo,
              fmt::format("{} {}: {}. Nothing was changed.", path, what, std::strerror(errno)));
}

// A directory beside the store for the new store; removed in the destructor with all that is in it,
// and by a signal that ends the process.
class Workplace {
 public:
  explicit Workplace(const std::string& place) : directory_(place + std::string(kWorkplace)) {
    const SignalsHeld held;
    is_made_ = mkdtemp(directory_.data()) != nullptr;
    if (is_made_) {
      names_[0] = TemporaryName(directory_);
      for (std::size_t i = 0; i < kSuffixes.size(); ++i) {
        names_[1 + i] = TemporaryName(store() + std::string(kSuffixes[i]));
      }
    }
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;
  ~Workplace() {
    if (is_made_) {
      for (const std::string_view suffix : kSuffixes) {
        unlink((store() + std::string(suffix)).c_str());
      }
      rmdir(directory_.c_str());
    }
  }
  bool is_made() const { return is_made_; }
  const std::string& directory() const { return directory_; }
  std::string store() const { return directory_ + "/store"; }

 private:
  static constexpr std::array<std::string_view, 5> kSuffixes = {"", "-wal", "-shm", "-journal",
                                                                "-lock"};

  std::string directory_;
  std::array<TemporaryName, 1 + kSuffixes.size()> names_;
  bool is_made_ = false;
};

Result<std::string> find_whole_backup(const std::string& backup) {
  MATRICULA_TRY(std::string path, sqlite::find_backup(backup));
  for (const std::string_view suffix : {"-wal", "-journal"}) {
    const std::string log = path + std::string(suffix);
    struct stat status = {};
    if (lstat(log.c_str(), &status) == 0 && status.st_size > 0) {
      return fail(
          ErrorCode::kConflict,
          fmt::format("{} lies beside the backup, which is then not the whole of it. Make a "
                      "backup of it with `matricula backup`, and restore that.",
                      log));
    }
  }
  return path;
}

// The backup as a store that is whole and current, in the workplace.
Result<void> make_store(const Workplace& workplace, const std::string& backup,
                        const OpenOptions& options, const Clock& clock,
                        const std::function<Result<void>(Database&)>& prepare) {
  MATRICULA_CHECK(sqlite::copy_backup(backup, workplace.store()));
  {
    OpenOptions opening = options;
    opening.create = false;
    opening.migrate = true;
    MATRICULA_TRY(const std::unique_ptr<Database> database,
                  sqlite::open_store(workplace.store(), opening, clock));
    MATRICULA_CHECK(prepare(*database));
  }
  if (exists(workplace.store() + "-wal")) {
    return fail(ErrorCode::kIo, "The restored store could not be closed.");
  }
  return sqlite::mark_as_backup(workplace.store());
}

// An error that happened in the workplace, which the operator does not know: the backup and the
// store are named in its place.
Error restore_error(const Error& cause, const Workplace& workplace, const std::string& backup,
                    const std::string& store) {
  std::string reason = cause.message;
  const std::string path = workplace.store();
  for (std::size_t at = reason.find(path); at != std::string::npos; at = reason.find(path)) {
    reason.replace(at, path.size(), store);
  }
  return {.code = cause.code,
          .message = fmt::format("The backup {} cannot be restored: {} Nothing was changed.",
                                 backup, reason),
          .internal = cause.internal};
}

// Gives the new store the owner and permissions of the one before, and makes it durable.
bool finish_store(const std::string& path, const sqlite::StorePlace& before) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor >= 0) {
    inherit_owner(descriptor, before.path);
  }
  const bool has_mode = descriptor >= 0 && set_mode(descriptor, before.mode);
  const int cause = errno;
  if (descriptor >= 0) {
    close(descriptor);
  }
  errno = cause;
  return has_mode && sync_file(path);
}

}  // namespace

Result<void> restore_store(std::string_view url, const std::string& backup,
                           const OpenOptions& options, const Clock& clock,
                           const std::function<Result<void>(Database&)>& prepare) {
  if (postgres::is_address(url)) {
    return fail(ErrorCode::kUsage,
                "A store on PostgreSQL is restored with pg_restore into an empty database, or with "
                "`matricula copy` from a SQLite store.");
  }
  const std::string_view path = url.starts_with(kScheme) ? url.substr(kScheme.size()) : url;
  MATRICULA_TRY(const std::string whole, find_whole_backup(backup));
  MATRICULA_TRY(const sqlite::StorePlace place, sqlite::find_store(path));
  if (whole == place.path) {
    return fail(ErrorCode::kUsage, "The backup is the store itself. Name another file.");
  }
  MATRICULA_TRY(const std::unique_ptr<sqlite::LockFile> lock,
                sqlite::LockFile::open_alone(place.path, place.mode));
  if (const Result<void> checked = sqlite::check_backup(whole, options.migrations); !checked) {
    return fail(checked.error().code, checked.error().message + " Nothing was changed.",
                {.internal = checked.error().internal});
  }
  const Workplace workplace(place.path);
  if (!workplace.is_made()) {
    return io_error("cannot be restored beside itself", place.path);
  }
  if (const Result<void> made = make_store(workplace, whole, options, clock, prepare); !made) {
    return fail(restore_error(made.error(), workplace, whole, place.path));
  }
  if (!finish_store(workplace.store(), place)) {
    return io_error("cannot be written", place.path);
  }
  // The old log is not taken for the new store's: see mark_as_backup().
  if (rename(workplace.store().c_str(), place.path.c_str()) != 0) {
    return io_error("cannot be replaced", place.path);
  }
  for (const std::string_view suffix : kBeside) {
    unlink((place.path + std::string(suffix)).c_str());
  }
  const std::string directory = place.path.substr(0, place.path.rfind('/') + 1);
  if (!sync_directory(directory)) {
    return fail(ErrorCode::kIo, fmt::format("The directory {} could not be made durable: {}.",
                                            directory, std::strerror(errno)));
  }
  return {};
}

std::vector<std::string> unfinished_copies(const std::string& file) {
  std::error_code error;
  const auto path = std::filesystem::absolute(std::filesystem::path(file), error);
  return paths_made_of(path.parent_path().string(), {sqlite::kDraftEnding, kWorkplace});
}

}  // namespace matricula::storage
