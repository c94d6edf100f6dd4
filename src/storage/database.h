#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "sql/dialect.h"

namespace matricula::storage {

using Bytes = std::span<const std::byte>;

// The same bytes, as what maps, hashes and strings take.
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// One value. Text and bytes are borrowed until the statement that took them is finished.
using Value = std::variant<std::monostate, std::int64_t, double, std::string_view, Bytes>;

// Values of one type as one parameter, so that a statement's text does not depend on how many there
// are. In SQLite's texts the parameter is the argument of the table `value_list`, in PostgreSQL's
// it is an array: sql::in_list() writes both. Borrowed as texts are.
struct ValueList {
  std::span<const Value> values;
};

// One bound parameter.
using Bind = std::variant<std::monostate, std::int64_t, double, std::string_view, Bytes, ValueList>;

// Whether a statement's rows fit into memory at once, or are read part by part: within a snapshot
// or a write only.
enum class ResultSize : std::uint8_t { kPage, kLarge };

// SQL text with an identity, so that a session finds its prepared form without hashing the text.
// Parameters are written ?1, ?2, ... in both dialects. Immutable; usable from any thread. It need
// not outlive the sessions that ran it: they drop prepared forms by least recent use.
class Statement {
 public:
  explicit Statement(std::string text, ResultSize size = ResultSize::kPage);
  std::uint64_t id() const { return id_; }
  const std::string& text() const { return text_; }
  ResultSize size() const { return size_; }

 private:
  std::uint64_t id_;  // unique in the process, never reused
  std::string text_;
  ResultSize size_;
};

// How the value of a column is read.
enum class ValueType : std::uint8_t { kInteger, kReal, kText, kBytes };

// The rows of one running statement, read forwards once. Columns count from 0. Text and bytes are
// borrowed until the next call of next() or finish(). A column is read as the type it was stored
// with; reading null gives 0, 0.0, "" and no bytes. One thread at a time.
class Rows {
 public:
  virtual ~Rows() = default;
  // Moves to the next row; false after the last. An error ends the rows.
  virtual Result<bool> next() = 0;
  virtual bool is_null(unsigned column) const = 0;
  virtual std::int64_t integer(unsigned column) const = 0;
  virtual double real(unsigned column) const = 0;
  virtual std::string_view text(unsigned column) const = 0;
  virtual Bytes bytes(unsigned column) const = 0;
  // Reads the first types.size() columns at once, each as its type or as null: for whole rows this
  // costs less than a call for each. Precondition: `values` has as many places.
  virtual void read(std::span<const ValueType> types, std::span<Bind> values) const;
  // Gives the statement back to its session; called by RowsHandle.
  virtual void finish() noexcept = 0;
};

struct FinishRows {
  void operator()(Rows* rows) const noexcept { rows->finish(); }
};
using RowsHandle = std::unique_ptr<Rows, FinishRows>;

// Adds many rows at once. One thread at a time.
class RowCopier {
 public:
  virtual ~RowCopier() = default;
  // Adds rows to a table, within a write. `values` holds them one after the other, each with one
  // value for every one of `columns`, which are comma-separated. Of rows that break a rule of the
  // table the write fails.
  virtual Result<void> copy_rows(std::string_view table, std::string_view columns,
                                 std::span<const Bind> values) = 0;
};

// A statement that is sent ahead of another one in the same round trip to the store, in a
// transaction of its own, and decides whether the other's rows may be used.
struct GuardStatement {
  const Statement& statement;
  std::span<const Bind> binds;
  // Examines its rows. The error that it returns becomes that of the statement behind.
  std::function<Result<void>(Rows&)> check;
};

// One statement of a batch.
enum class Ticket : std::size_t {};

// The rows of a batch that was sent. What is not read when it is destroyed is dropped.
class BatchRows {
 public:
  virtual ~BatchRows() = default;
  // The result of the guard's check. The rows can be read in either case.
  virtual const Result<void>& verdict() const = 0;
  // The rows of that statement, to be taken once, in any order. Behind a statement that failed all
  // others fail.
  virtual Result<RowsHandle> rows(Ticket ticket) = 0;
};

// Statements of several requests in one round trip: opened, filled, sent and read. The guard has
// a transaction of its own in front of them; they have one together.
class Batch {
 public:
  virtual ~Batch() = default;
  // Adds a statement, which may see the rows of this company alone: see Session::set_tenant().
  // nullopt, and nothing is added, where it would take a round trip of its own first.
  virtual std::optional<Ticket> add(std::string_view company, const Statement& statement,
                                    std::span<const Bind> binds) = 0;
  // Sends what was added, and waits for the guard. Afterwards this object is empty.
  virtual std::unique_ptr<BatchRows> send() && = 0;
};

// One connection. One thread at a time.
class Session {
 public:
  virtual ~Session() = default;
  virtual sql::Dialect dialect() const = 0;
  // Starts a statement. Its first use prepares it; later uses allocate nothing. The same statement
  // may not run twice at once in one session (an assertion).
  virtual Result<RowsHandle> query(const Statement& statement, std::span<const Bind> binds) = 0;
  // Runs a statement that gives no rows; the number of rows it changed.
  virtual Result<std::int64_t> execute(const Statement& statement, std::span<const Bind> binds) = 0;
  // Everything read until end_snapshot() sees one state of the store.
  virtual Result<void> begin_snapshot() = 0;
  virtual void end_snapshot() noexcept = 0;
  // Statements still running at `deadline` (Clock::monotonic) end with kTimeout. nanoseconds::max()
  // for none.
  virtual void set_deadline(std::chrono::nanoseconds deadline) = 0;
  // From now on the session may see the rows of this company alone, where tables hold rows of
  // companies; empty for none of them. Defence in depth beside the conditions of the statements:
  // row-level security on PostgreSQL, no effect on SQLite.
  virtual void set_tenant(std::string_view company) = 0;
  // Sends `guard` ahead of the next statement, once; null for none. It must live until then. False,
  // and nothing was done, where the engine has no round trip to save.
  virtual bool set_guard(const GuardStatement* guard) {
    static_cast<void>(guard);
    return false;
  }
  // A batch behind `guard`, which must outlive it. Null where the engine has none, or where the
  // connection cannot take one now: the caller runs the statements one by one then. No snapshot may
  // be open, and while the batch or its rows live, all other statements of this session fail. The
  // deadline of the session holds for sending and for each wait.
  virtual std::unique_ptr<Batch> open_batch(const GuardStatement& guard) {
    static_cast<void>(guard);
    return nullptr;
  }
  // How many round trips over a network this session has waited for.
  virtual std::uint64_t round_trips() const { return 0; }
  // Null where the engine has no faster way to add rows than INSERT. Owned by the session.
  virtual RowCopier* row_copier() { return nullptr; }
};

// One step of the store's schema. Numbers rise by one from 1 over all modules; an applied step
// never changes. Each text may hold several statements.
struct Migration {
  int number;
  std::string_view name;
  std::string_view sqlite;
  std::string_view postgres;
};

// Of a write that waits for other writers as long as the store's configuration lets it.
inline constexpr std::chrono::nanoseconds kNoDeadline = std::chrono::nanoseconds::max();

// A write of records: the data that imports and exports hold, and their change log. All other data
// is access data: tokens, credentials, sessions, roles, passwords, the audit trail, settings.
struct RecordsWrite {
  std::function<Result<void>(Session&)> work;
  // Checks the access data that `work` relied on once more, right before the commit and under the
  // lock of its writers. Not called on a store where `work` excluded those writers.
  std::function<Result<void>(Session&)> recheck = {};
  // For very many statements of a few rows each: SQLite keeps the undo data of each statement in
  // memory and not in a file.
  bool is_row_by_row = false;
  std::chrono::nanoseconds wait_until = kNoDeadline;  // as that of Database::write()
};

using Work = std::function<Result<void>(Session&)>;

struct StoreHealth {
  bool reachable = false;
  bool migrations_current = false;
};

// A store. Safe to call from any thread. Its sessions must be gone before it.
class Database {
 public:
  virtual ~Database() = default;
  virtual sql::Dialect dialect() const = 0;
  // A new read-only session; the caller keeps it for one thread.
  virtual Result<std::unique_ptr<Session>> open_reader() = 0;
  // Runs `work` in one write transaction, alone among all processes that have the store open. The
  // transaction is durable when write() returns success. If `work` returns an error, nothing of it
  // is kept and that error is returned. Waits for other writers up to the configured bound, but not
  // beyond `wait_until` (Clock::monotonic), then kUnavailable: a request that has already waited
  // for a worker has one deadline for both. Calling write() from within `work` is an assertion.
  virtual Result<void> write(std::chrono::nanoseconds wait_until, const Work& work) = 0;
  Result<void> write(const Work& work) { return write(kNoDeadline, work); }
  // As write(), for what changes records and no access data. On a shared store writers of access
  // data go on meanwhile.
  virtual Result<void> write_records(const RecordsWrite& write) {
    return this->write(write.wait_until, write.work);
  }
  // As write(), for what changes access data and no record. On a shared store it does not wait for
  // writers of records.
  virtual Result<void> write_access(std::chrono::nanoseconds wait_until, const Work& work) {
    return write(wait_until, work);
  }
  Result<void> write_access(const Work& work) { return write_access(kNoDeadline, work); }
  // As write_access(), for what withdraws no access, so that cached values stay valid: a new token,
  // a line of the trail, counted uses. generation() need not change.
  virtual Result<void> write_keeping_caches(std::chrono::nanoseconds wait_until, const Work& work) {
    return write_access(wait_until, work);
  }
  Result<void> write_keeping_caches(const Work& work) {
    return write_keeping_caches(kNoDeadline, work);
  }
  // Changes with every write() of any process, and is odd while one commits: data that was read
  // between two equal, even values is still current. Costs a memory read.
  virtual std::uint64_t generation() const = 0;
  // The current generation. On a shared store one query of `session`, outside of a snapshot, which
  // sees every write that was acknowledged before.
  virtual Result<std::uint64_t> read_generation(Session& session) {
    static_cast<void>(session);
    return generation();
  }
  // The query of read_generation() as an SQL expression; empty where the store is not shared.
  virtual std::string_view generation_sql() const { return {}; }
  // Whether several nodes may serve the store at once, and share only the store: it is asked over a
  // network, and event loops must not wait for it.
  virtual bool is_shared() const { return false; }
  // A session for identifying callers, counting their requests and answering them. On a shared
  // store it may write counters, statement by statement and without waiting for writers, while no
  // company is set; everything else it only reads.
  virtual Result<std::unique_ptr<Session>> open_access_session() { return open_reader(); }
  // kUsage where row-level security lets the store's role see one company at a time: to be called
  // before work on the whole store, which would miss rows.
  virtual Result<void> require_all_companies() { return {}; }
  virtual StoreHealth health() = 0;
  // Applies what is missing of the migrations that the database was opened with.
  virtual Result<void> migrate() = 0;
  // A full integrity check; the problems found, none if all is well.
  virtual Result<std::vector<std::string>> check() = 0;
  // A consistent copy while servers run; refuses to replace an existing file.
  virtual Result<void> backup(const std::string& file) = 0;
};

struct OpenOptions {
  std::span<const Migration> migrations = {};  // their texts must outlive the database
  bool create = true;                          // make the store where there is none
  bool takes_empty_file = true;  // and so in an empty file, which may be what is left of a store
  bool migrate = true;           // apply missing migrations; else an old store is refused
  std::chrono::milliseconds busy_timeout{10'000};
  // For statements of sessions without a deadline, on PostgreSQL; zero for none.
  std::chrono::milliseconds statement_timeout{0};
  // On PostgreSQL: a role that migrating allows to work on the store; empty for none.
  std::string app_role = {};
  std::int64_t page_cache_bytes = 64 * 1024 * 1024;  // for each session
};

// Opens `sqlite:PATH` (or a bare path), or `postgresql://...`. Errors name the path and the remedy:
// not a store, a store of another program, made by a newer version, no permission, missing
// directory. `clock` must outlive the database.
Result<std::unique_ptr<Database>> open_database(std::string_view url, const OpenOptions& options,
                                                const Clock& clock);

}  // namespace matricula::storage
