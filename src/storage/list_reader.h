#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/result.h"
#include "sql/list_text.h"
#include "sql/relation.h"
#include "storage/database.h"

namespace matricula::storage {

// A value of a key, filter or fixed column; UUIDs are their sixteen bytes in a string.
using KeyValue = std::variant<std::int64_t, double, std::string>;

// Where a row stands in an order: the order's key, then the ties.
using Position = std::vector<KeyValue>;

struct Condition {
  std::uint16_t filter = 0;
  std::vector<KeyValue> any_of = {};  // kAnyOf: not empty, sorted, each once
  std::optional<KeyValue> from = {};
  std::optional<KeyValue> to = {};
  std::string search = {};  // kSearch: lower case, not empty
};

// One list of one tenant, as a request narrows it.
struct ListScope {
  const sql::Relation* relation = nullptr;
  std::string_view company;
  std::span<const KeyValue> fixed = {};
  std::span<const Condition> conditions = {};
};

struct PageQuery {
  ListScope scope;
  std::span<const std::uint16_t> columns;
  std::uint16_t order = 0;
  bool descending = false;
  sql::Way way = sql::Way::kForwards;
  const Position* after = nullptr;   // exclusive
  const Position* before = nullptr;  // exclusive
  std::uint32_t limit = 0;
};

// A bound of a list: does a row stand at it or outside of it?
struct BoundQuery {
  ListScope scope;
  std::uint16_t order = 0;
  bool descending = false;
  const Position* at_or_before = nullptr;  // one of the two
  const Position* at_or_after = nullptr;
};

// What execution asks of a store, and all it asks for lists. A read model in memory can answer for
// companies it holds without a change above this interface. One thread at a time.
class ListReader {
 public:
  virtual ~ListReader() = default;
  // To be called before the snapshot begins that the calls after it read in.
  virtual void begin() {}
  // At most `limit` rows in the way's direction: the columns asked for, then the order's key and
  // ties.
  virtual Result<RowsHandle> page(const PageQuery& query) = 0;
  virtual Result<std::int64_t> count(const ListScope& scope) = 0;
  virtual Result<bool> exists_beyond(const BoundQuery& query) = 0;
};

// Answers from a session's tables. Keeps the statements it made, so that a shape of request seen
// before costs no text and no preparing.
class SqlListReader final : public ListReader {
 public:
  // A filter that finds fewer than `narrow_rows_max` rows leads into the table.
  SqlListReader(Session& session, sql::Dialect dialect, std::int64_t narrow_rows_max)
      : session_(session), dialect_(dialect), narrow_rows_max_(narrow_rows_max) {}
  Result<RowsHandle> page(const PageQuery& query) override;
  Result<std::int64_t> count(const ListScope& scope) override;
  Result<bool> exists_beyond(const BoundQuery& query) override;

 private:
  enum class Kind : char { kPage, kCount, kExists, kProbe };

  // The ends of a condition that its statement compares with; null where there is none.
  struct Ends {
    const KeyValue* from = nullptr;
    const KeyValue* to = nullptr;
  };
  // Bounds of the page in the order of the index: rows beyond `low` and before `high`.
  struct Bounds {
    const Position* low = nullptr;
    const Position* high = nullptr;
  };

  const Statement& statement(Kind kind, const sql::ListShape& shape);
  void shape_conditions(const ListScope& scope);
  void tighten(const ListScope& scope, std::uint16_t order, Bounds& bounds);
  Result<int> choose_driver(const ListScope& scope, std::int64_t rows_max);
  void bind_scope(const ListScope& scope, std::size_t first, std::size_t count);
  void bind_position(const sql::Relation& relation, std::uint16_t order, const Position* position);
  void bind_list(std::span<const KeyValue> values, sql::ColumnType type);
  void bind_value(const KeyValue& value, sql::ColumnType type);

  Session& session_;
  sql::Dialect dialect_;
  std::int64_t narrow_rows_max_;
  std::unordered_map<std::string, std::unique_ptr<Statement>> statements_;
  // Scratch that keeps its memory from request to request.
  std::string key_;
  std::string pattern_;
  std::vector<sql::ConditionShape> shapes_;
  std::vector<Ends> ends_;  // of each condition
  std::vector<Value> list_values_;
  std::vector<Bind> binds_;
};

}  // namespace matricula::storage
