// The part of the reader that chooses the access path of a list.
#include <algorithm>

#include "storage/sql_list_reader.h"

namespace matricula::storage {

using sql::Filter;
using sql::Lead;

namespace {

// Entries of an index that are visited in the time that one row is looked up and sorted.
constexpr std::int64_t kEntriesPerLookup = 20;
// Rows that match may be clustered at the far end of the order: up to so many times the entries are
// visited that an even spread would take.
constexpr std::int64_t kDoubt = 2;

}  // namespace

Result<std::int64_t> SqlListReader::kept_count(const ListScope& scope,
                                               const sql::Histogram& histogram, std::size_t first,
                                               std::size_t count) {
  return first_integer(make_kept_count(scope, histogram, first, count).statement);
}

UnsentStatement SqlListReader::make_kept_count(const ListScope& scope,
                                               const sql::Histogram& histogram, std::size_t first,
                                               std::size_t count) {
  const Statement& text =
      statement(Kind::kKept,
                {.relation = scope.relation,
                 .columns = {},
                 .conditions = std::span(shapes_).subspan(first, count)},
                static_cast<std::size_t>(&histogram - scope.relation->histograms.data()));
  bind_scope(scope, first, count);
  return {.statement = text, .binds = binds_};
}

std::optional<std::int64_t> SqlListReader::recent_count(const ListScope& scope,
                                                        const sql::Histogram& histogram,
                                                        std::span<const Condition> conditions) {
  return recent_ ? recent_->find(scope, histogram, conditions) : std::nullopt;
}

// As kept_count(), but a few seconds old where the histogram has few rows.
Result<std::int64_t> SqlListReader::likely_count(const ListScope& scope,
                                                 const sql::Histogram& histogram, std::size_t first,
                                                 std::size_t count) {
  if (recent_) {
    MATRICULA_CHECK(recent_->read(scope, histogram));
  }
  const auto known = recent_count(scope, histogram, conditions_.subspan(first, count));
  return known ? Result<std::int64_t>(*known) : kept_count(scope, histogram, first, count);
}

// How many conditions from this one on drive the query together.
std::size_t SqlListReader::joint_from(const sql::Relation& relation, std::size_t first) const {
  std::size_t end = first + 1;
  while (relation.filters[conditions_[first].filter].is_joint && end < conditions_.size() &&
         relation.filters[conditions_[end].filter].is_joint) {
    ++end;
  }
  return end - first;
}

// How many rows a condition matches, at most `rows_max`: from a histogram, else counted up to
// there.
Result<std::int64_t> SqlListReader::rows_of(const ListScope& scope, std::size_t condition,
                                            std::int64_t rows_max) {
  const std::size_t together = joint_from(*scope.relation, condition);
  if (const sql::Histogram* histogram =
          histogram_of(*scope.relation, conditions_.subspan(condition, together))) {
    return likely_count(scope, *histogram, condition, together);
  }
  const Statement& probe = statement(
      Kind::kProbe,
      {.relation = scope.relation, .columns = {}, .conditions = std::span(&shapes_[condition], 1)});
  bind_scope(scope, condition, 1);
  binds_.emplace_back(rows_max);
  return first_integer(probe);
}

// Filters that share an index drive a query from the first of them on, or not at all.
bool SqlListReader::begins_index(const sql::Relation& relation, const Condition& condition) {
  const std::size_t place = condition.filter;
  return !relation.filters[place].is_joint || place == 0 || !relation.filters[place - 1].is_joint;
}

// Whether the order's index answers every condition without the row.
bool SqlListReader::is_every_covered(const sql::Relation& relation, std::uint16_t order) const {
  const std::vector<std::string_view>& covers = relation.orders[order].covers;
  return std::ranges::all_of(conditions_, [&](const Condition& condition) {
    return std::ranges::find(covers, relation.filters[condition.filter].expression) != covers.end();
  });
}

// Whether the condition is a range of the order's key, so that walking it visits only rows that
// match.
bool SqlListReader::is_of_order(const ListScope& scope, std::uint16_t order,
                                const Condition& condition) {
  const Filter& filter = scope.relation->filters[condition.filter];
  return (filter.kind == sql::FilterKind::kHalfOpen || filter.kind == sql::FilterKind::kClosed) &&
         filter.expression == scope.relation->orders[order].key;
}

// All rows that a filter matches are looked up and sorted. Walking the order's index costs much
// less for each entry, and ends with the page.
SqlListReader::KnownPath SqlListReader::cheaper_path(std::int64_t limit, std::int64_t rows,
                                                     std::int64_t all) const {
  const std::int64_t passed = std::min(all, limit * all / std::max<std::int64_t>(rows, 1));
  if (rows >= selective_rows_max_ || passed * kDoubt < rows * kEntriesPerLookup) {
    return {.path = {}, .passed = passed};
  }
  return {.path = {.lead = Lead::kFilter, .driver = 0}, .passed = rows * kEntriesPerLookup};
}

// The histogram that has all conditions of a list, where the order's index covers them: the costs
// of both paths follow from its counts. Null for none.
const sql::Histogram* SqlListReader::deciding_histogram(const ListScope& scope,
                                                        std::uint16_t order) const {
  const sql::Relation& relation = *scope.relation;
  const bool is_decided = !conditions_.empty() && is_every_covered(relation, order) &&
                          begins_index(relation, conditions_.front());
  const sql::Histogram* const histogram =
      is_decided ? histogram_of(relation, conditions_) : nullptr;
  // One histogram has both.
  return histogram == histogram_of(relation, {}) ? histogram : nullptr;
}

// The path for a page of `limit` rows, chosen without asking the store; nullopt where it has to be
// asked.
std::optional<SqlListReader::KnownPath> SqlListReader::known_path(const ListScope& scope,
                                                                  std::uint16_t order,
                                                                  std::int64_t limit) {
  bool is_exact = true;
  bool is_led = false;
  for (const Condition& condition : conditions_) {
    const bool is_range = is_of_order(scope, order, condition);
    is_exact = is_exact && is_range;
    is_led = is_led || (!is_range && scope.relation->filters[condition.filter].indexed &&
                        begins_index(*scope.relation, condition));
  }
  if (!is_led) {
    // Without counts, all may have to be passed for what no index has.
    return KnownPath{.path = {}, .passed = is_exact ? limit : INT64_MAX};
  }
  const Condition& first = conditions_.front();
  if (conditions_.size() == 1 && order == 0 && first.any_of.size() == 1 &&
      scope.relation->filters[first.filter].is_ordered) {
    return KnownPath{.path = {.lead = Lead::kOrderedFilter, .driver = 0}, .passed = limit};
  }
  const sql::Histogram* const histogram = deciding_histogram(scope, order);
  if (histogram == nullptr) {
    return std::nullopt;
  }
  const auto rows = recent_count(scope, *histogram, conditions_);
  const auto all = recent_count(scope, *histogram, {});
  return rows && all ? std::optional(cheaper_path(limit, *rows, *all)) : std::nullopt;
}

// The most selective access path: an indexed condition that matches few rows, or a list of one
// value whose index has the order; no order where rows are counted. Counting up to a small bound
// costs less than a page, and decides between two plans that can differ by a factor of a thousand.
Result<SqlListReader::AccessPath> SqlListReader::most_selective_path(
    const ListScope& scope, std::optional<std::uint16_t> order, std::int64_t rows_max) {
  AccessPath ordered;
  for (std::size_t i = 0; i < conditions_.size(); ++i) {
    const Filter& filter = scope.relation->filters[conditions_[i].filter];
    if (!filter.indexed || !begins_index(*scope.relation, conditions_[i]) ||
        (order && is_of_order(scope, *order, conditions_[i]))) {
      continue;
    }
    const auto driver = static_cast<std::uint16_t>(i);
    MATRICULA_TRY(const std::int64_t rows, rows_of(scope, i, rows_max));
    if (rows < rows_max) {
      return AccessPath{.lead = Lead::kFilter, .driver = driver};
    }
    if (filter.is_ordered && order == std::uint16_t{0} && conditions_[i].any_of.size() == 1) {
      ordered = {.lead = Lead::kOrderedFilter, .driver = driver};
    }
  }
  return ordered;
}

// The path for a page of `limit` rows in an order.
Result<SqlListReader::AccessPath> SqlListReader::choose_path(const ListScope& scope,
                                                             std::uint16_t order,
                                                             std::int64_t limit) {
  if (const auto known = known_path(scope, order, limit)) {
    return known->path;
  }
  const sql::Histogram* const histogram = deciding_histogram(scope, order);
  if (histogram == nullptr) {
    return most_selective_path(scope, order, selective_rows_max_);
  }
  MATRICULA_TRY(const std::int64_t rows, likely_count(scope, *histogram, 0, conditions_.size()));
  MATRICULA_TRY(const std::int64_t all, likely_count(scope, *histogram, 0, 0));
  return cheaper_path(limit, rows, all).path;
}

}  // namespace matricula::storage
