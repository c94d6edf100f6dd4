#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "storage/database.h"
#include "storage/people_index.h"
#include "storage/postgres/connector.h"
#include "storage/postgres/session.h"

namespace matricula::storage::postgres {

// open_database() for a postgresql:// URL.
Result<std::unique_ptr<Database>> open_store(std::string_view url, const OpenOptions& options,
                                             const Clock& clock);

// A store in one PostgreSQL database, of which many nodes may have one open. Each session has a
// connection of its own; a node's writers have two, of which one is for access data.
class PostgresDatabase final : public Database {
 public:
  PostgresDatabase(Address address, const OpenOptions& options, const Clock& clock);

  sql::Dialect dialect() const override { return sql::Dialect::kPostgres; }
  Result<std::unique_ptr<Session>> open_reader() override;
  Result<void> write(std::chrono::nanoseconds wait_until, const Work& work) override;
  Result<void> write_records(const RecordsWrite& write) override;
  Result<void> write_access(std::chrono::nanoseconds wait_until, const Work& work) override;
  Result<void> write_keeping_caches(std::chrono::nanoseconds wait_until, const Work& work) override;
  // Odd: nothing that was read can be known to be still true without asking the server.
  std::uint64_t generation() const override { return 1; }
  Result<std::uint64_t> read_generation(Session& session) override;
  std::string_view generation_sql() const override;
  bool is_shared() const override { return true; }
  Result<std::unique_ptr<Session>> open_access_session() override;
  Result<void> require_all_companies() override;
  StoreHealth health() override;
  Result<void> migrate() override;
  Result<std::vector<std::string>> check() override;
  Result<void> backup(const std::string& file) override;

  // Brings the schema up to date, or says why the store cannot be used.
  Result<void> prepare(const OpenOptions& options);

 private:
  // A writer's session, held by one thread.
  class Turn;
  struct Writer {
    Writer(Connector& connector, const Clock& clock) : session(connector, Access::kWrite, clock) {}
    std::mutex mutex;  // guards the next two
    std::condition_variable freed;
    std::thread::id thread;
    PostgresSession session;  // of the thread that is writing
  };
  // The kind of a write transaction: the locks that it holds, and the counter that it advances.
  struct Kind {
    Locks locks;
    PostgresSession::Mark mark;
    Deadline wait_until = kNoDeadline;
  };

  Deadline in(std::chrono::milliseconds limit) const { return clock_.monotonic() + limit; }
  // The error names the store. Of a store that has only standbys, a connection that only reads.
  Result<std::unique_ptr<Connection>> connect_for_schema();
  Result<StoreHealth> ask_health();
  Result<void> transact(Kind kind, const std::function<Result<void>(PostgresSession&)>& work);
  Result<void> settle(PostgresSession& session, Locks locks, const std::string& write_id,
                      const Error& error);

  const std::vector<Migration> migrations_;
  const std::chrono::milliseconds busy_timeout_;
  const std::string app_role_;
  const Clock& clock_;
  Connector connector_;
  Writer writer_;  // of records, and of everything
  Writer access_writer_;
  PeopleIndex people_;  // of the thread that has writer_
  std::mutex health_mutex_;
  // Under health_mutex_, both.
  std::unique_ptr<Connection> health_;
  bool were_current_ = true;  // the migrations, when they were last looked at; see prepare()
};

}  // namespace matricula::storage::postgres
