#pragma once

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
#include "storage/list_reader.h"
#include "storage/list_scope.h"
#include "storage/people_search.h"
#include "storage/recent_counts.h"

namespace matricula::storage {

// Answers from a session's tables. Caches the statements that it made, so that a shape of request
// that was seen before costs no text and no preparing. A search takes several statements, which the
// caller runs in one snapshot.
class SqlListReader final : public TableReader {
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
  void begin() override {}
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
