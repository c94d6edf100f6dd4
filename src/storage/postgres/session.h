#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "storage/postgres/connector.h"
#include "storage/postgres/prepared.h"

namespace matricula::storage::postgres {

// What a write transaction keeps others from changing.
enum class Locks : std::uint8_t { kAll, kRecords, kAccess };

// A connection with its prepared statements, its deadline and the company whose rows it may see.
//
// Everything that must precede a statement is pipelined with it, so that a read costs one round
// trip: a guard, the begin of a snapshot, and the settings of its transaction. The end of a
// snapshot is sent and not waited for. A reader that lost its connection makes another, and repeats
// the statement when nothing of its snapshot was read yet.
class PostgresSession final : public Session, private RowCopier {
 public:
  // Connects at the first statement.
  PostgresSession(Connector& connector, Access access, const Clock& clock);
  ~PostgresSession() override;

  Result<RowsHandle> query(const Statement& statement, std::span<const Bind> binds) override;
  Result<std::int64_t> execute(const Statement& statement, std::span<const Bind> binds) override;
  Result<void> begin_snapshot() override;
  void end_snapshot() noexcept override;
  void set_deadline(std::chrono::nanoseconds deadline) override { deadline_ = deadline; }
  void set_tenant(std::string_view company) override;
  sql::Dialect dialect() const override { return sql::Dialect::kPostgres; }
  bool set_guard(const GuardStatement* guard) override;
  std::unique_ptr<Batch> open_batch(const GuardStatement& guard) override;
  std::uint64_t round_trips() const override;
  RowCopier* row_copier() override { return this; }

  // For a writer's session: a transaction that only the callers' work may run in. It waits for
  // other writers of what it locks until `deadline`.
  Result<void> begin_write(Locks locks, Deadline deadline);
  // Within a write of records: locks out all writers of access data from now on. Waits for them as
  // long as the write may wait for its own lock.
  Result<void> lock_access();
  // Names the write that was begun last.
  const std::string& write_id() const { return write_id_; }
  // kUncertain when the connection was lost between asking for the commit and hearing of it.
  enum class Commit { kDone, kFailed, kUncertain };
  // Which counter a write advances; its commit marker is placed by that.
  enum class Mark { kGeneration, kCachesKept };
  Commit commit_write(Mark mark, Error& error);
  void rollback_write() noexcept;
  // Whether the write of this id, whose commit was not answered, was committed. Waits until it has
  // ended, as it held `locks`.
  Result<bool> was_committed(const std::string& id, Locks locks, Deadline deadline);

  // Connects where there is no connection.
  Result<void> connect();
  Connection* connection() { return connection_.get(); }

 private:
  enum class Snapshot { kNone, kWanted, kBegun };
  class SentBatch;
  class OpenBatch;
  // Whether a transaction ends behind a statement.
  enum class Ends { kHere, kLater };

  struct SentGuard {
    const GuardStatement* guard = nullptr;  // null: none
    Prepared* prepared = nullptr;
    bool is_refused = false;  // by the check of its rows
  };
  // A statement on its way, and what went before it.
  struct Sent {
    Prepared* prepared = nullptr;
    std::string_view tenant = {};  // borrowed until it is sent
    SentGuard guard = {};
    bool begins = false;
    bool sets = false;
    bool is_whole = false;  // with a transaction of its own around it
  };

  Result<void> copy_rows(std::string_view table, std::string_view columns,
                         std::span<const Bind> values) override;
  Result<void> send_rows(std::string_view table, std::string_view columns,
                         std::span<const Bind> values);
  Result<void> check_can_run() const;
  Deadline wait_limit() const;
  bool may_retry() const;
  bool is_outdated(Prepared& prepared);
  Result<void> drain();
  Prepared& find(const Statement& statement);
  Result<void> prepare(Prepared& prepared);
  Result<ResultHandle> run(Prepared& prepared, std::span<const Bind> binds);
  Result<ResultHandle> run_once(Prepared& prepared, std::span<const Bind> binds, Sent& sent);
  Result<void> make_ready(Prepared& prepared, Sent& sent);
  Result<void> make_ready(const GuardStatement& guard, SentGuard& sent);
  Result<void> send(const SentGuard& sent);
  Result<void> send(const Sent& sent, std::span<const Bind> binds, Ends ends);
  Result<ResultHandle> receive(Sent& sent, Ends ends);
  Result<ResultHandle> receive_statement(const Sent& sent, Ends ends);
  Result<ResultHandle> receive(const SentGuard& sent);
  Result<ResultHandle> receive_last(std::string_view context);
  static Result<void> check(const SentGuard& sent, ResultHandle rows);
  Result<void> send_begin(bool is_snapshot);
  Result<void> send_settings(std::string_view tenant);
  Result<void> send_statement(const Prepared& prepared);
  Result<void> send_commit();
  bool is_by_transaction() const {
    return connection_ != nullptr && connection_->is_by_transaction();
  }
  // Whether a transaction of ours is open, or will be before the next statement.
  bool is_within() const { return in_write_ || snapshot_ == Snapshot::kBegun; }
  Result<Description> describe(const std::string& sql);
  // After a failure of what had a transaction of its own around it.
  void end_failed() noexcept;
  Result<bool> find_mark(const std::string& id, Deadline deadline);
  Result<void> try_begin_write(Locks locks, Deadline deadline);
  void end_write(Deadline deadline) noexcept;
  void roll_back_or_drop(Deadline deadline) noexcept;
  Result<RowsHandle> query_large(Prepared& prepared, std::span<const Bind> binds);
  Result<void> close_cursor(const std::string& cursor);
  Result<ResultHandle> run_text(const std::string& sql, const std::vector<Oid>& types);

  Connector& connector_;
  const Access access_;
  const Clock& clock_;
  std::unique_ptr<Connection> connection_;
  std::uint64_t connection_number_ = 0;
  std::uint64_t earlier_round_trips_ = 0;  // of connections that were given up
  PreparedCache prepared_;
  Parameters parameters_;
  Parameters settings_;
  std::vector<std::string> forgotten_;
  std::set<std::string> open_cursors_;  // of the transaction, whose rows were not read to the end
  const GuardStatement* guard_ = nullptr;
  bool in_batch_ = false;
  std::string tenant_;
  std::string sent_tenant_;  // in the transaction that is open; empty at its beginning
  std::string timeout_text_;
  std::string write_id_;
  Deadline deadline_ = Deadline::max();
  Snapshot snapshot_ = Snapshot::kNone;
  bool end_is_due_ = false;  // the end of a snapshot was sent and its answer not read
  bool in_write_ = false;
  bool write_failed_ = false;
};

}  // namespace matricula::storage::postgres
