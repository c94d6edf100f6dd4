#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "sql/list_text.h"
#include "sql/relation.h"
#include "storage/database.h"
#include "storage/list_scope.h"
#include "storage/people_search.h"
#include "storage/recent_counts.h"

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
  // Two values that every row repeats in columns behind the ties, where ListReader::can_add() them:
  // whether a row is at or beyond the bound at which reading begins, and how many rows match.
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

// How an object is written from a row: literals and values of columns, alternately.
struct RowProgram {
  enum class Value : std::uint8_t { kText, kInteger, kReal, kBoolean, kTime, kUuid, kCursor };
  struct Step {
    std::uint32_t literal_end = 0;  // of the literal before the value; it begins where one ended
    Value value = Value::kText;
    std::uint16_t column = 0;
    bool is_non_null = false;
  };
  // All literals, the one behind the last value included, and kSlack (base/wide_copy.h) bytes more.
  std::string literals = {};
  std::uint32_t literals_size = 0;
  std::vector<Step> steps = {};
};

// Rows that are all in memory, and that can be written as JSON faster than value by value.
class WritableRows : public Rows {
 public:
  virtual std::size_t size() const = 0;
  // Makes a row the current one, counted from 0; next() moves to the one behind it.
  virtual void show(std::size_t row) = 0;
  // Drops all rows from `size` on, reverses the others if `reversed`, and begins before the first.
  virtual void arrange(std::size_t size, bool reversed) = 0;
  // Begins before the first row again.
  virtual void rewind() = 0;
  // Appends the object of the current row, the same bytes as from its values. False, and nothing is
  // appended, where a value is null that cannot be.
  virtual bool write(const RowProgram& program, std::string_view cursor, std::string& out) = 0;
};

// A statement that a reader would send. Borrowed until the reader's next call.
struct UnsentStatement {
  const Statement& statement;
  std::span<const Bind> binds;
};

// A version of a company's records: reads at one version give the same rows.
struct RecordsVersion {
  std::int64_t sequence = 0;
  std::string epoch = {};
  bool operator==(const RecordsVersion&) const = default;
};

// All that execution asks about lists. A store answers, or a read model in memory for the companies
// that it holds; execution cannot tell them apart. One thread at a time.
class ListReader {
 public:
  virtual ~ListReader() = default;
  // To be called for each request, before its snapshot begins. Later calls may fail with kTimeout
  // where they run past `deadline` (Clock::monotonic).
  virtual void begin(std::chrono::nanoseconds deadline) { static_cast<void>(deadline); }
  // To be called after each request: releases the state in memory that it held.
  virtual void end() {}
  // Pins a state of a list in memory, after begin() and before the list is read. True: all reads of
  // this list of this company until the next hold() or begin() see that state, and need no
  // snapshot. It is the newest state, or the one that the session's snapshot sees. Until then, all
  // calls about the list have one scope.
  virtual Result<bool> hold(const sql::Relation& relation, std::string_view company,
                            bool in_snapshot) {
    static_cast<void>(relation);
    static_cast<void>(company);
    static_cast<void>(in_snapshot);
    return false;
  }
  // Whether a guard (a statement about the company's records, with one value) is known to find a
  // row in the state that hold() pinned.
  virtual bool passes_guard(std::string_view text, std::string_view value) {
    static_cast<void>(text);
    static_cast<void>(value);
    return false;
  }
  // Notes that a guard found a row in the snapshot in which hold() was called.
  virtual void note_guard(std::string_view text, std::string_view value) {
    static_cast<void>(text);
    static_cast<void>(value);
  }
  // The first statement of a hold() outside of a snapshot; nullopt where it would send none.
  virtual std::optional<UnsentStatement> hold_statement(const sql::Relation& relation,
                                                        std::string_view company) {
    static_cast<void>(relation);
    static_cast<void>(company);
    return std::nullopt;
  }
  // As hold(), with the rows of that statement. Sends nothing: false where more has to be read.
  virtual Result<bool> hold_by(Rows& rows, const sql::Relation& relation,
                               std::string_view company) {
    static_cast<void>(rows);
    static_cast<void>(relation);
    static_cast<void>(company);
    return false;
  }
  // The version that the session's snapshot sees, where the reader keeps lists in memory; else
  // nullopt.
  virtual Result<std::optional<RecordsVersion>> version(std::string_view company) {
    static_cast<void>(company);
    return std::nullopt;
  }
  // At most `limit` rows in the direction: the columns asked for, then the order's key and ties.
  virtual Result<RowsHandle> page(const PageQuery& query) = 0;
  // Whether the rows of page() can have the values that `with_beyond` and `with_count` add, so that
  // no other statement is needed.
  virtual bool can_add(const PageQuery& query) {
    static_cast<void>(query);
    return false;
  }
  // Whether page() is expected to visit few rows. Does not ask the store.
  virtual bool is_short(const PageQuery& query) {
    static_cast<void>(query);
    return false;
  }
  // The statement whose rows are those of page(); nullopt where others would be sent first.
  virtual std::optional<UnsentStatement> page_statement(const PageQuery& query) {
    static_cast<void>(query);
    return std::nullopt;
  }
  virtual Result<std::int64_t> count(const ListScope& scope) = 0;
  // Whether a histogram has the count: reading it then takes no longer than revalidating a cached
  // one.
  virtual bool is_count_kept(const ListScope& scope) const {
    static_cast<void>(scope);
    return false;
  }
  // The statement that gives count() as its only value, where a histogram has it; else nullopt.
  virtual std::optional<UnsentStatement> count_statement(const ListScope& scope) {
    static_cast<void>(scope);
    return std::nullopt;
  }
  virtual Result<bool> exists_beyond(const BoundQuery& query) = 0;
};

// Answers from a session's tables. Caches the statements that it made, so that a shape of request
// that was seen before costs no text and no preparing. A search takes several statements, which the
// caller runs in one snapshot.
class SqlListReader final : public ListReader {
 public:
  // A filter that matches fewer than `selective_rows_max` rows drives the query. Counts that were
  // read for that are reused for some seconds of `clock`, which must outlive the reader; without a
  // clock they are read for each request.
  SqlListReader(Session& session, std::int64_t selective_rows_max, const Clock* clock = nullptr)
      : session_(session),
        dialect_(session.dialect()),
        selective_rows_max_(selective_rows_max),
        people_(session) {
    if (clock != nullptr) {
      recent_.emplace(session, *clock);
    }
  }
  Result<RowsHandle> page(const PageQuery& query) override;
  bool can_add(const PageQuery& query) override;
  bool is_short(const PageQuery& query) override;
  std::optional<UnsentStatement> page_statement(const PageQuery& query) override;
  Result<std::int64_t> count(const ListScope& scope) override;
  bool is_count_kept(const ListScope& scope) const override {
    return histogram_of(*scope.relation, scope.conditions) != nullptr;
  }
  std::optional<UnsentStatement> count_statement(const ListScope& scope) override;
  Result<bool> exists_beyond(const BoundQuery& query) override;

 private:
  enum class Kind : char { kPage, kCount, kExists, kProbe, kKept };

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
  struct AccessPath {
    sql::Lead lead = sql::Lead::kOrder;
    std::uint16_t driver = 0;
  };
  // A path, and about how many rows and entries of indexes a page by it visits.
  struct KnownPath {
    AccessPath path;
    std::int64_t passed = 0;
  };
  // How a search finds its rows.
  enum class Search : char {
    kNone,     // there is no search, or the query checks the person of each row
    kPeople,   // the people that match are in `ids_`, and drive the query
    kOrdered,  // `people_` gives them in the order of the list, part by part
  };

  // The rows of the people that a search finds, part by part in the order of their addresses.
  class FoundRows final : public Rows {
   public:
    explicit FoundRows(SqlListReader& reader) : reader_(reader) {}
    void start(const PageQuery& query);
    Result<bool> next() override;
    bool is_null(unsigned column) const override { return rows_->is_null(column); }
    std::int64_t integer(unsigned column) const override { return rows_->integer(column); }
    double real(unsigned column) const override { return rows_->real(column); }
    std::string_view text(unsigned column) const override { return rows_->text(column); }
    Bytes bytes(unsigned column) const override { return rows_->bytes(column); }
    void finish() noexcept override { rows_.reset(); }

   private:
    SqlListReader& reader_;
    PageQuery query_;
    RowsHandle rows_;
    std::size_t people_min_ = 0;
  };

  const Statement& statement(Kind kind, const sql::ListShape& shape, std::size_t histogram = 0);
  std::string make_text(Kind kind, const sql::ListShape& shape, std::size_t histogram) const;
  void take_conditions(const ListScope& scope);
  void tighten(const ListScope& scope, std::uint16_t order, Bounds& bounds);
  void spread_lists(const sql::Relation& relation, AccessPath path);
  void follow(AccessPath path, const ListScope& scope, std::uint16_t order, Bounds& bounds);
  Result<AccessPath> choose_path(const ListScope& scope, std::uint16_t order, std::int64_t limit);
  std::optional<KnownPath> known_path(const ListScope& scope, std::uint16_t order,
                                      std::int64_t limit);
  std::optional<std::int64_t> recent_count(const ListScope& scope, const sql::Histogram& histogram,
                                           std::span<const Condition> conditions);
  Result<AccessPath> most_selective_path(const ListScope& scope, std::optional<std::uint16_t> order,
                                         std::int64_t rows_max);
  KnownPath cheaper_path(std::int64_t limit, std::int64_t rows, std::int64_t all) const;
  const sql::Histogram* deciding_histogram(const ListScope& scope, std::uint16_t order) const;
  static bool is_of_order(const ListScope& scope, std::uint16_t order, const Condition& condition);
  bool is_every_covered(const sql::Relation& relation, std::uint16_t order) const;
  static bool begins_index(const sql::Relation& relation, const Condition& condition);
  Result<std::int64_t> rows_of(const ListScope& scope, std::size_t condition,
                               std::int64_t rows_max);
  std::size_t joint_from(const sql::Relation& relation, std::size_t first) const;
  Result<std::int64_t> kept_count(const ListScope& scope, const sql::Histogram& histogram,
                                  std::size_t first, std::size_t count);
  Result<std::int64_t> likely_count(const ListScope& scope, const sql::Histogram& histogram,
                                    std::size_t first, std::size_t count);
  UnsentStatement make_page(const PageQuery& query, AccessPath path);
  Result<RowsHandle> page_by(const PageQuery& query, AccessPath path);
  Result<bool> exists_by(const BoundQuery& query, AccessPath path);
  UnsentStatement make_kept_count(const ListScope& scope, const sql::Histogram& histogram,
                                  std::size_t first, std::size_t count);
  Result<std::int64_t> count_by(const ListScope& scope, AccessPath path);
  Result<std::int64_t> first_integer(const Statement& statement);
  bool is_range_of_order(const PageQuery& query) const;
  void bind_scope(const ListScope& scope, std::size_t first, std::size_t count);
  void bind_condition(std::size_t index, const sql::Filter& filter);
  void bind_list(std::span<const KeyValue> values, sql::ColumnType type);
  void bind_people();
  void bind_position(const sql::Relation& relation, std::uint16_t order, const Position* position);
  void bind_value(const KeyValue& value, sql::ColumnType type);

  std::optional<std::uint16_t> search_of(const sql::Relation& relation) const;
  Result<Search> begin_search(const ListScope& scope, std::uint16_t search,
                              const PeopleSearch::Query& range, bool is_ordered);
  AccessPath people_lead(std::uint16_t search);

  Session& session_;
  sql::Dialect dialect_;
  std::int64_t selective_rows_max_;
  PeopleSearch people_;
  std::optional<RecentCounts> recent_;
  FoundRows found_rows_{*this};
  std::unordered_map<std::string, std::unique_ptr<Statement>> statements_;
  // Scratch that keeps its memory from request to request.
  std::string key_;
  std::string needle_;                     // escaped
  std::string ids_;                        // of people who were found, sixteen bytes each
  std::span<const Condition> conditions_;  // of the request
  std::vector<sql::ConditionShape> shapes_;
  std::vector<Ends> ends_;  // of each condition
  std::vector<Value> list_values_;
  std::vector<Bind> binds_;
};

}  // namespace matricula::storage
