#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/result.h"
#include "sql/list_text.h"
#include "storage/database.h"
#include "storage/list_scope.h"

namespace matricula::storage {

struct PageQuery {
  ListScope scope;
  std::span<const std::uint16_t> columns;
  std::uint16_t order = 0;
  bool descending = false;
  sql::Direction direction = sql::Direction::kForwards;
  const Position* after = nullptr;   // exclusive
  const Position* before = nullptr;  // exclusive
  std::uint32_t limit = 0;
  // Two values that every row repeats in columns behind the ties, where ListReader::can_add() says
  // so: whether a row is at or beyond the bound at which reading begins, and how many rows match.
  bool with_beyond = false;
  bool with_count = false;
};

// Whether a list has a row at or beyond a bound.
struct BoundQuery {
  ListScope scope;
  std::uint16_t order = 0;
  bool descending = false;
  const Position* at_or_before = nullptr;  // one of the two
  const Position* at_or_after = nullptr;
};

// Reads lists in one state of the records. One thread at a time.
class ListReader {
 public:
  virtual ~ListReader() = default;
  // At most `limit` rows in the direction: the columns asked for, then the order's key and ties.
  virtual Result<RowsHandle> page(const PageQuery& query) = 0;
  // Whether the rows of page() can have the values that `with_beyond` and `with_count` add, so that
  // nothing else need be read.
  virtual bool can_add(const PageQuery& query) = 0;
  virtual Result<std::int64_t> count(const ListScope& scope) = 0;
  virtual Result<bool> exists_beyond(const BoundQuery& query) = 0;
};

// A statement that a reader would send. Borrowed until the reader's next call.
struct UnsentStatement {
  const Statement& statement;
  std::span<const Bind> binds;
};

// Reads lists from the tables of a session: in the state of its snapshot, or each call in the
// newest one where there is none. A search takes several statements, which the caller runs in one
// snapshot.
class TableReader : public ListReader {
 public:
  // To be called for each request, before its snapshot begins.
  virtual void begin() = 0;
  // Whether page() is expected to visit few rows. Does not ask the store.
  virtual bool is_short(const PageQuery& query) = 0;
  // The statement whose rows are those of page(); nullopt where others would be sent first.
  virtual std::optional<UnsentStatement> page_statement(const PageQuery& query) = 0;
  // Whether a histogram has the count: reading it then takes no longer than revalidating a cached
  // one.
  virtual bool is_count_kept(const ListScope& scope) const = 0;
  // The statement that gives count() as its only value, where a histogram has it; else nullopt.
  virtual std::optional<UnsentStatement> count_statement(const ListScope& scope) = 0;
};

}  // namespace matricula::storage
