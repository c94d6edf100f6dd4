#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "storage/database.h"
#include "storage/people_index.h"
#include "storage/sqlite/checkpointer.h"
#include "storage/sqlite/connection.h"
#include "storage/sqlite/lock_file.h"
#include "storage/sqlite/session.h"

namespace matricula::storage::sqlite {

// open_database() for a path.
Result<std::unique_ptr<Database>> open_store(std::string_view path, const OpenOptions& options,
                                             const Clock& clock);

// A store in one SQLite file, with PATH-wal and PATH-shm (SQLite's) and PATH-lock (LockFile's)
// beside it.
class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(ConnectionSettings settings, const OpenOptions& options, const Clock& clock,
                 std::unique_ptr<LockFile> lock, std::unique_ptr<SqliteSession> writer);
  // Moves the log into the main file, if no other writer keeps it from that.
  ~SqliteDatabase() override;

  // kUnavailable where a file of the store is not the one that this process has open, or that
  // another one has: what is written then would be lost. SQLite itself notices that only in stores
  // without a write-ahead log.
  Result<void> check_in_place() const;

  sql::Dialect dialect() const override { return sql::Dialect::kSqlite; }
  Result<std::unique_ptr<Session>> open_reader() override;
  Result<void> write(std::chrono::nanoseconds wait_until, const Work& work) override;
  Result<void> write_keeping_caches(std::chrono::nanoseconds wait_until, const Work& work) override;
  Result<void> write_records(const RecordsWrite& write) override;
  std::uint64_t generation() const override { return lock_->generation(); }
  StoreHealth health() override;
  Result<void> migrate() override;
  Result<std::vector<std::string>> check() override;
  Result<void> backup(const std::string& file) override;

  // How many of the known migrations the store has; see applied_migrations().
  Result<int> applied() const;

 private:
  // Whether a commit changes generation(), so that caches read anew.
  enum class Caches : std::uint8_t { kKept, kInvalidated };
  struct Kind {
    Caches caches;
    Undo undo = Undo::kInFile;
    std::chrono::nanoseconds wait_until = kNoDeadline;
  };
  void save_removed_log();
  Result<void> write_and_file(const Work& work, const Kind& kind);
  Result<void> transact(const Work& work, const Kind& kind);
  Result<void> commit(Caches caches);
  void repair_generation();
  // Within a write: does the next missing migration, if any; true when none is left.
  Result<bool> apply_next();

  const ConnectionSettings settings_;
  const std::vector<Migration> migrations_;
  const Clock& clock_;
  const std::unique_ptr<LockFile> lock_;
  Checkpointer checkpointer_;  // used under lock_, as is writer_
  std::unique_ptr<SqliteSession> writer_;
  // What writer_ has open; nullopt where that cannot be found out.
  const std::optional<FileId> file_;
  const std::optional<FileId> log_;
  const std::optional<FileId> log_index_;
  PeopleIndex people_;  // used under lock_
};

}  // namespace matricula::storage::sqlite
