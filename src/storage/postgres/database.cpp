#include "storage/postgres/database.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/assert.h"
#include "storage/postgres/await.h"
#include "storage/postgres/check.h"
#include "storage/postgres/connect_error.h"
#include "storage/postgres/error.h"
#include "storage/postgres/limits.h"
#include "storage/postgres/migrations.h"
#include "storage/rollback_guard.h"

namespace matricula::storage::postgres {
namespace {

// A migration may rewrite tables.
constexpr std::chrono::hours kMigrationLimit{24};
constexpr std::chrono::hours kCheckLimit{24};
// Even: writes count themselves and commit in one step.
constexpr std::string_view kGeneration = "(SELECT generation * 2 FROM store_state)";

}  // namespace

class PostgresDatabase::Turn {
 public:
  explicit Turn(Writer& writer) : writer_(&writer) {}
  Turn(Turn&& other) noexcept : writer_(std::exchange(other.writer_, nullptr)) {}
  Turn& operator=(Turn&&) = delete;
  ~Turn() {
    if (writer_ != nullptr) {
      {
        const std::lock_guard lock(writer_->mutex);
        writer_->thread = {};
      }
      writer_->freed.notify_one();
    }
  }

  // Waits at most `limit`.
  static Result<Turn> take(Writer& writer, std::chrono::nanoseconds limit) {
    std::unique_lock lock(writer.mutex);
    const bool is_free = writer.freed.wait_for(
        lock, limit, [&writer] { return writer.thread == std::thread::id(); });
    if (!is_free) {
      return fail(ErrorCode::kUnavailable, "The store is busy. Try again later.",
                  {.internal = "another thread of this process is writing"});
    }
    writer.thread = std::this_thread::get_id();
    return Turn(writer);
  }

  // Whether this thread has it.
  static bool is_mine(Writer& writer) {
    const std::lock_guard lock(writer.mutex);
    return writer.thread == std::this_thread::get_id();
  }

 private:
  Writer* writer_;
};

PostgresDatabase::PostgresDatabase(Address address, const OpenOptions& options, const Clock& clock)
    : migrations_(options.migrations.begin(), options.migrations.end()),
      busy_timeout_(options.busy_timeout),
      app_role_(options.app_role),
      clock_(clock),
      connector_(std::move(address), options.statement_timeout, clock),
      writer_(connector_, clock),
      access_writer_(connector_, clock) {}

Result<std::unique_ptr<Session>> PostgresDatabase::open_reader() {
  return std::make_unique<PostgresSession>(connector_, Access::kRead, clock_);
}

Result<void> PostgresDatabase::write(std::chrono::nanoseconds wait_until, const Work& work) {
  return transact(
      {.locks = Locks::kAll, .mark = PostgresSession::Mark::kGeneration, .wait_until = wait_until},
      [&](PostgresSession& session) -> Result<void> {
        MATRICULA_CHECK(work(session));
        return people_.file(session);
      });
}

Result<void> PostgresDatabase::write_records(const RecordsWrite& write) {
  return transact({.locks = Locks::kRecords,
                   .mark = PostgresSession::Mark::kGeneration,
                   .wait_until = write.wait_until},
                  [&](PostgresSession& session) -> Result<void> {
                    MATRICULA_CHECK(write.work(session));
                    MATRICULA_CHECK(people_.file(session));
                    if (!write.recheck) {
                      return {};
                    }
                    MATRICULA_CHECK(session.lock_access());
                    return write.recheck(session);
                  });
}

Result<void> PostgresDatabase::write_access(std::chrono::nanoseconds wait_until, const Work& work) {
  return transact({.locks = Locks::kAccess,
                   .mark = PostgresSession::Mark::kGeneration,
                   .wait_until = wait_until},
                  work);
}

Result<void> PostgresDatabase::write_keeping_caches(std::chrono::nanoseconds wait_until,
                                                    const Work& work) {
  return transact({.locks = Locks::kAccess,
                   .mark = PostgresSession::Mark::kCachesKept,
                   .wait_until = wait_until},
                  work);
}

Result<void> PostgresDatabase::transact(Kind kind,
                                        const std::function<Result<void>(PostgresSession&)>& work) {
  const Deadline deadline = std::min(in(busy_timeout_), kind.wait_until);
  Writer& writer = kind.locks == Locks::kAccess ? access_writer_ : writer_;
  // A write from within a write would deadlock.
  MATRICULA_ASSERT(!Turn::is_mine(writer_) && !Turn::is_mine(access_writer_));
  MATRICULA_TRY(const Turn turn, Turn::take(writer, deadline - clock_.monotonic()));
  PostgresSession& session = writer.session;
  MATRICULA_CHECK(session.begin_write(kind.locks, deadline));
  RollbackUnlessEnded transaction(session);
  MATRICULA_CHECK(work(session));
  Error error;
  switch (session.commit_write(kind.mark, error)) {
    case PostgresSession::Commit::kDone:
      transaction.set_ended();
      return {};
    case PostgresSession::Commit::kFailed:
      return fail(std::move(error));
    case PostgresSession::Commit::kUncertain:
      break;
  }
  const std::string id = session.write_id();
  session.rollback_write();
  transaction.set_ended();
  return settle(session, kind.locks, id, error);
}

// The connection ended between COMMIT and its answer: the commit is in doubt. The marker that each
// write leaves resolves it, once the server can be asked.
Result<void> PostgresDatabase::settle(PostgresSession& session, Locks locks,
                                      const std::string& write_id, const Error& error) {
  const Deadline deadline = in(kDoubtWait);
  do {
    const Result<bool> found = session.was_committed(write_id, locks, deadline);
    if (found && *found) {
      return {};
    }
    if (found) {
      return fail(ErrorCode::kUnavailable, "The change was not stored. Try again later.",
                  {.internal = error.internal});
    }
    std::this_thread::sleep_for(kDoubtPause);
  } while (clock_.monotonic() < deadline);
  return fail(ErrorCode::kUnavailable,
              "It is not known whether the change was stored: the store ended while it was being "
              "written. Look before you repeat it.",
              {.internal = error.internal});
}

Result<std::uint64_t> PostgresDatabase::read_generation(Session& session) {
  static const Statement kRead("SELECT " + std::string(kGeneration));
  MATRICULA_TRY(const RowsHandle rows, session.query(kRead, {}));
  MATRICULA_TRY(const bool any, rows->next());
  MATRICULA_ASSERT(any);
  return static_cast<std::uint64_t>(rows->integer(0));
}

std::string_view PostgresDatabase::generation_sql() const {
  return kGeneration;
}

Result<std::unique_ptr<Session>> PostgresDatabase::open_access_session() {
  return std::make_unique<PostgresSession>(connector_, Access::kServe, clock_);
}

Result<void> PostgresDatabase::require_all_companies() {
  MATRICULA_TRY(const std::unique_ptr<Connection> connection, connect_for_schema());
  MATRICULA_TRY(const bool owns, owns_store(*connection, in(busy_timeout_)));
  if (owns) {
    return {};
  }
  return fail(ErrorCode::kUsage,
              fmt::format("The role of {} sees one company at a time. Use the role that owns the "
                          "store for work on the whole of it.",
                          connector_.address().shown));
}

Result<StoreHealth> PostgresDatabase::ask_health() {
  const Deadline deadline = in(kHealthWait);
  if (health_ == nullptr || health_->is_lost()) {
    auto connection = connector_.connect_now(Access::kServe, deadline);
    if (!connection) {  // there may be a standby
      connection = connector_.connect_now(Access::kRead, deadline);
    }
    if (!connection && is_full(connection.error()) && connector_.is_serving()) {
      return StoreHealth{.reachable = true, .migrations_current = were_current_};
    }
    MATRICULA_TRY(health_, std::move(connection));
  }
  MATRICULA_TRY(const std::string text,
                health_->read_text("SELECT count(*) || CASE WHEN pg_is_in_recovery() THEN "
                                   "' standby' ELSE '' END FROM schema_migrations",
                                   deadline));
  // A standby cannot be written, and so nothing can be counted there.
  StoreHealth health{.reachable = !text.ends_with("standby")};
  // During a rolling upgrade a node of the older version goes on: all migrations that it knows are
  // applied.
  health.migrations_current =
      std::atoll(text.c_str()) >= static_cast<std::int64_t>(migrations_.size());
  were_current_ = health.migrations_current;
  return health;
}

StoreHealth PostgresDatabase::health() {
  const std::lock_guard lock(health_mutex_);
  Result<StoreHealth> health = ask_health();
  if (!health && (health_ == nullptr || health_->is_lost())) {
    health = ask_health();  // the server was started anew since the last look, or that connection
                            // hangs
  }
  if (health && !health->reachable) {
    health_.reset();  // the next look may find another server
  }
  return health.value_or(StoreHealth());
}

Result<std::unique_ptr<Connection>> PostgresDatabase::connect_for_schema() {
  return postgres::connect_for_schema(connector_);
}

Result<void> PostgresDatabase::prepare(const OpenOptions& options) {
  const std::string& shown = connector_.address().shown;
  MATRICULA_TRY(const std::unique_ptr<Connection> connection, connect_for_schema());
  const Deadline deadline = in(busy_timeout_);
  if (PQserverVersion(connection->raw()) < kServerVersionMin) {
    return fail(ErrorCode::kUsage,
                fmt::format("{} is of a version before 13. Use PostgreSQL 13 or newer.", shown));
  }
  MATRICULA_TRY(const std::string encoding,
                connection->read_text("SHOW server_encoding", deadline));
  if (encoding != "UTF8") {
    return fail(ErrorCode::kUsage,
                fmt::format("The database {} is encoded in {}. Make it with ENCODING 'UTF8'.",
                            shown, encoding));
  }
  MATRICULA_TRY(const int applied, applied_migrations(*connection, migrations_, shown, deadline));
  if (static_cast<std::size_t>(applied) == migrations_.size() && app_role_.empty()) {
    return {};
  }
  if (!options.migrate && applied == 0) {
    return fail(ErrorCode::kNotFound,
                fmt::format("There is no store in {}. Check the address, or make one with "
                            "`matricula migrate`.",
                            shown));
  }
  if (!options.migrate) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("The store {} was made by an older version and lacks {} schema steps. "
                            "Back it up, then run `matricula migrate`.",
                            shown, migrations_.size() - static_cast<std::size_t>(applied)));
  }
  return migrate();
}

Result<void> PostgresDatabase::migrate() {
  MATRICULA_TRY(const std::unique_ptr<Connection> connection, connect_for_schema());
  const std::string& shown = connector_.address().shown;
  if (!app_role_.empty()) {
    MATRICULA_CHECK(require_role(*connection, app_role_, in(busy_timeout_)));
  }
  MATRICULA_TRY(const int applied,
                applied_migrations(*connection, migrations_, shown, in(busy_timeout_)));
  if (static_cast<std::size_t>(applied) < migrations_.size()) {
    MATRICULA_CHECK(apply_migrations(*connection, migrations_, shown, clock_, in(kMigrationLimit)));
    MATRICULA_CHECK(write(kNoDeadline, [](Session&) { return Result<void>(); }));
    MATRICULA_TRY(const std::vector<std::string> roles,
                  granted_roles(*connection, in(busy_timeout_)));
    for (const std::string& role : roles) {
      MATRICULA_CHECK(grant_to(*connection, role, in(kMigrationLimit)));
    }
  }
  if (app_role_.empty()) {
    return {};
  }
  MATRICULA_TRY(const bool owns, owns_store(*connection, in(busy_timeout_)));
  if (!owns) {
    return fail(
        ErrorCode::kUsage,
        fmt::format("The role of {} does not own the store, and cannot allow \"{}\" to work "
                    "on it. Use the role that owns the store.",
                    shown, app_role_));
  }
  return grant_to(*connection, app_role_, in(kMigrationLimit));
}

Result<std::vector<std::string>> PostgresDatabase::check() {
  MATRICULA_CHECK(require_all_companies());  // else there are rows that it would not see
  MATRICULA_TRY(const std::unique_ptr<Connection> connection, connect_for_schema());
  return find_problems(*connection, in(kCheckLimit));
}

Result<void> PostgresDatabase::backup(const std::string& file) {
  return fail(ErrorCode::kUsage,
              fmt::format("A store in PostgreSQL is backed up with PostgreSQL's own tools. Run "
                          "`pg_dump --enable-row-security --format=custom --file={} ...` as the "
                          "role that owns the store for a copy, or pg_basebackup with an archive "
                          "of the write-ahead log for a whole server.",
                          file));
}

Result<std::unique_ptr<Database>> open_store(std::string_view url, const OpenOptions& options,
                                             const Clock& clock) {
  MATRICULA_TRY(Address address, parse_address(url));
  auto database = std::make_unique<PostgresDatabase>(std::move(address), options, clock);
  MATRICULA_CHECK(database->prepare(options));
  return database;
}

}  // namespace matricula::storage::postgres
