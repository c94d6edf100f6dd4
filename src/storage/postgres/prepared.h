#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "storage/database.h"
#include "storage/postgres/connection.h"

namespace matricula::storage::postgres {

// Instead of a connection's number: what is described without a name holds on every connection.
inline constexpr std::uint64_t kEveryConnection = UINT64_MAX;

// Gives the next part of a large result; null after the last.
using FetchMore = std::function<Result<ResultHandle>()>;

// A statement as one connection knows it, and the rows of its one run at a time.
class Prepared final : public Rows {
 public:
  explicit Prepared(const Statement& statement);

  const std::string& name() const { return name_; }
  const std::string& sql() const { return sql_; }
  const Description& description() const { return description_; }
  // Which connection of the session knows it; none at first.
  std::uint64_t known_to() const { return known_to_; }
  void set_known(std::uint64_t connection, Description description);
  void set_unknown() { known_to_ = 0; }
  bool is_running() const { return is_running_; }

  // Begins to give these rows; with `more`, what it fetches after them.
  void start(ResultHandle rows, FetchMore more = nullptr);

  Result<bool> next() override;
  bool is_null(unsigned column) const override;
  std::int64_t integer(unsigned column) const override;
  double real(unsigned column) const override;
  std::string_view text(unsigned column) const override;
  Bytes bytes(unsigned column) const override;
  void finish() noexcept override;

 private:
  const char* value(unsigned column) const;
  std::size_t length(unsigned column) const;

  const std::string name_;
  const std::string sql_;
  Description description_;
  std::uint64_t known_to_ = 0;
  bool is_running_ = false;
  ResultHandle rows_;
  FetchMore more_;
  int row_ = -1;
  // Texts of the row that are stored in code; see text_code.h.
  mutable std::deque<std::string> decoded_;
};

// The statements of one session, by Statement::id(). Keeps kPreparedStatementsMax and
// kPreparedTextMax, more only while more are running, and always the one that was found last.
class PreparedCache {
 public:
  // The statement, valid while it runs or until the next call. It must not be running (an
  // assertion). Names of statements that were dropped, and that `connection` knows, are added to
  // `forgotten`: the server may forget them.
  Prepared& find(const Statement& statement, std::uint64_t connection,
                 std::vector<std::string>& forgotten);
  // The statement where it is kept, else null. Drops none.
  Prepared* known(const Statement& statement) const;
  bool is_any_running() const;

 private:
  struct Entry {
    std::uint64_t id;
    std::unique_ptr<Prepared> prepared;
    std::size_t text;  // bytes of its SQL
  };
  void make_room(std::size_t text, std::uint64_t connection, std::vector<std::string>& forgotten);

  std::size_t text_ = 0;      // bytes of all of them
  std::list<Entry> entries_;  // most recently used first
  std::unordered_map<std::uint64_t, std::list<Entry>::iterator> by_id_;
};

}  // namespace matricula::storage::postgres
