#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <span>
#include <sqlite3.h>
#include <unordered_map>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::storage::sqlite {

// A prepared statement, and the rows of its one run at a time.
class Prepared final : public Rows {
 public:
  static Result<std::unique_ptr<Prepared>> prepare(sqlite3* connection, const Statement& statement);
  ~Prepared() override;
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;

  // Begins a run with these parameters, as many as the statement has.
  Result<void> start(std::span<const Bind> binds);
  bool is_running() const { return is_running_; }
  // What it takes in memory.
  std::size_t bytes() const {
    return static_cast<std::size_t>(sqlite3_stmt_status(statement_, SQLITE_STMTSTATUS_MEMUSED, 0));
  }
  bool gives_rows() const { return sqlite3_column_count(statement_) > 0; }

  Result<bool> next() override;
  bool is_null(unsigned column) const override;
  std::int64_t integer(unsigned column) const override;
  double real(unsigned column) const override;
  std::string_view text(unsigned column) const override;
  Bytes bytes(unsigned column) const override;
  void read(std::span<const ValueType> types, std::span<Bind> values) const override;
  void finish() noexcept override;

 private:
  explicit Prepared(sqlite3_stmt* statement) : statement_(statement) {}
  int bind(int place, const Bind& value);

  sqlite3_stmt* const statement_;
  std::deque<ValueList> lists_;  // of the run; SQLite has pointers to them
  bool is_running_ = false;
  bool is_done_ = false;
  std::uint64_t bus_errors_at_start_ = 0;
};

// The memory of the statements that one connection keeps prepared; past it, the least recently used
// is dropped. One of a common shape takes some 50 KiB.
inline constexpr std::size_t kPreparedBytesMax = 16 * 1024 * 1024;

// The prepared statements of one connection, by Statement::id(). Keeps kPreparedStatementsMax and
// kPreparedBytesMax, more only while more are running. Finding one again allocates nothing.
class PreparedCache {
 public:
  explicit PreparedCache(sqlite3* connection) : connection_(connection) {}
  // The statement's prepared form, valid while it runs or until the next call. The statement must
  // not be running (an assertion).
  Result<Prepared*> find(const Statement& statement);
  bool is_any_running() const;
  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::uint64_t id;
    std::unique_ptr<Prepared> prepared;
    std::size_t bytes;
  };
  void make_room(std::size_t bytes);

  sqlite3* const connection_;
  std::size_t bytes_ = 0;
  std::list<Entry> entries_;  // most recently used first
  std::unordered_map<std::uint64_t, std::list<Entry>::iterator> by_id_;
};

}  // namespace matricula::storage::sqlite
