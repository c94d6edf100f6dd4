#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bus_errors.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"
#include "storage/index_rebuild.h"
#include "storage/sqlite/connection.h"
#include "storage/sqlite/prepared.h"

namespace matricula::storage::sqlite {

// Where SQLite keeps the original of each page that a statement changes, until the statement is
// done.
enum class Undo : std::uint8_t {
  kInFile,    // once there are more than a few, for all later statements of the transaction too
  kInMemory,  // however many one statement changes
};

// A connection with its prepared statements and its deadline.
class SqliteSession final : public Session, public IndexRebuild {
 public:
  static Result<std::unique_ptr<SqliteSession>> open(const ConnectionSettings& settings,
                                                     Access access, const Clock& clock);
  ~SqliteSession() override;

  Result<RowsHandle> query(const Statement& statement, std::span<const Bind> binds) override;
  Result<std::int64_t> execute(const Statement& statement, std::span<const Bind> binds) override;
  // The state is the one at the first read. In the writer's session a write transaction is already
  // one state, and these do nothing.
  Result<void> begin_snapshot() override;
  void end_snapshot() noexcept override;
  void set_deadline(std::chrono::nanoseconds deadline) override { deadline_ = deadline; }
  void set_tenant(std::string_view /*company*/) override {}
  sql::Dialect dialect() const override { return sql::Dialect::kSqlite; }
  Result<void> drop_indexes(std::string_view table) override;
  Result<void> rebuild_indexes() override;

  // For the writer's session: a transaction that only the callers' work may run in.
  Result<void> begin_write(Undo undo);
  Result<void> commit_write();
  void rollback_write() noexcept;

  sqlite3* connection() const { return connection_.get(); }

 private:
  // A statement that ends a transaction: prepared when the session is opened, since the end must
  // not fail where there is no memory to prepare it.
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
  };
  using End = std::unique_ptr<sqlite3_stmt, Finalize>;
  SqliteSession(Connection connection, Access access, const Clock& clock, End commit, End rollback);
  static Result<End> prepare_end(sqlite3* connection, const char* text);

  static int is_past_deadline(void* session);
  Result<void> check_can_run() const;
  bool is_in_transaction() const noexcept;
  void roll_back() const noexcept;

  const Access access_;
  const Clock& clock_;
  const Connection connection_;
  PreparedCache prepared_;  // goes before its connection
  const Statement begin_{"BEGIN"};
  const End commit_;
  const End rollback_;
  std::chrono::nanoseconds deadline_ = std::chrono::nanoseconds::max();
  bool in_snapshot_ = false;
  const std::uint64_t bus_errors_at_open_ = bus_errors();
  std::vector<std::string> dropped_indexes_;  // the statements that make them
};

}  // namespace matricula::storage::sqlite
