// The part of the reader that chooses the access path of a list.
#include <algorithm>

#include "storage/list_reader.h"

namespace matricula::storage {

using sql::Filter;
using sql::Lead;

namespace {

// Entries of an index that are passed in the time that one row is looked up and sorted.
constexpr std::int64_t kEntriesPerLookup = 20;
// Rows that match may lie together: so many times the entries that would be passed if they did not.
constexpr std::int64_t kDoubt = 2;

}  // namespace

// The smallest histogram that has all of these conditions; null for none.
const sql::Histogram* SqlListReader::histogram_of(const sql::Relation& relation,
                                                  std::span<const Condition> conditions) {
  const auto has_all = [&](const sql::Histogram& histogram) {
    return std::ranges::all_of(conditions, [&](const Condition& condition) {
      const std::string_view name = relation.filters[condition.filter].name;
      return std::ranges::find(histogram.filters, name) != histogram.filters.end();
    });
  };
  const auto found = std::ranges::find_if(relation.histograms, has_all);
  return found == relation.histograms.end() ? nullptr : &*found;
}

Result<std::int64_t> SqlListReader::kept_count(const ListScope& scope,
                                               const sql::Histogram& histogram, std::size_t first,
                                               std::size_t count) {
  const Statement& text =
      statement(Kind::kKept,
                {.relation = scope.relation,
                 .columns = {},
                 .conditions = std::span(shapes_).subspan(first, count)},
                static_cast<std::size_t>(&histogram - scope.relation->histograms.data()));
  bind_scope(scope, first, count);
  return first_integer(text);
}

// How many conditions from this one on lead in together.
std::size_t SqlListReader::joint_from(const sql::Relation& relation, std::size_t first) const {
  std::size_t end = first + 1;
  while (relation.filters[conditions_[first].filter].is_joint && end < conditions_.size() &&
         relation.filters[conditions_[end].filter].is_joint) {
    ++end;
  }
  return end - first;
}

// How many rows a condition finds, or `rows_max` where it finds no fewer: as writes keep it, else
// counted up to there.
Result<std::int64_t> SqlListReader::rows_of(const ListScope& scope, std::size_t condition,
                                            std::int64_t rows_max) {
  const std::size_t together = joint_from(*scope.relation, condition);
  if (const sql::Histogram* histogram =
          histogram_of(*scope.relation, conditions_.subspan(condition, together))) {
    return kept_count(scope, *histogram, condition, together);
  }
  const Statement& probe = statement(
      Kind::kProbe,
      {.relation = scope.relation, .columns = {}, .conditions = std::span(&shapes_[condition], 1)});
  bind_scope(scope, condition, 1);
  binds_.emplace_back(rows_max);
  return first_integer(probe);
}

// Of filters that share an index, the first leads, with those behind it, or none does.
bool SqlListReader::begins_index(const sql::Relation& relation, const Condition& condition) {
  const std::size_t place = condition.filter;
  return !relation.filters[place].is_joint || place == 0 || !relation.filters[place - 1].is_joint;
}

// The narrowest access path: an indexed condition that finds few rows, or a list of one whose index
// has the order. Counting up to a small bound costs less than a page, and decides between two plans
// that can differ by a factor of a thousand.
Result<SqlListReader::AccessPath> SqlListReader::choose_path(const ListScope& scope,
                                                             std::uint16_t order,
                                                             std::int64_t rows_max) {
  AccessPath ordered;
  for (std::size_t i = 0; i < conditions_.size(); ++i) {
    const Filter& filter = scope.relation->filters[conditions_[i].filter];
    if (!filter.indexed) {
      continue;
    }
    if (!begins_index(*scope.relation, conditions_[i])) {
      continue;
    }
    const auto driver = static_cast<std::uint16_t>(i);
    MATRICULA_TRY(const std::int64_t rows, rows_of(scope, i, rows_max));
    if (rows < rows_max) {
      return AccessPath{.lead = Lead::kFilter, .driver = driver};
    }
    if (filter.is_ordered && order == 0 && conditions_[i].any_of.size() == 1) {
      ordered = {.lead = Lead::kOrderedFilter, .driver = driver};
    }
  }
  return ordered;
}

// Whether the order's index answers every condition without the row.
bool SqlListReader::is_every_covered(const sql::Relation& relation, std::uint16_t order) const {
  const std::vector<std::string_view>& covers = relation.orders[order].covers;
  return std::ranges::all_of(conditions_, [&](const Condition& condition) {
    return std::ranges::find(covers, relation.filters[condition.filter].expression) != covers.end();
  });
}

// The path to one page. What a filter finds is all looked up and sorted; going through the order's
// index costs much less for each entry, and ends with the page. Which is less is known where writes
// keep how many rows match.
Result<SqlListReader::AccessPath> SqlListReader::choose_path(const PageQuery& query) {
  const sql::Relation& relation = *query.scope.relation;
  const sql::Histogram* const histogram = histogram_of(relation, conditions_);
  const sql::Histogram* const whole = histogram_of(relation, {});
  if (conditions_.empty() || histogram == nullptr || whole == nullptr ||
      !is_every_covered(relation, query.order) || !begins_index(relation, conditions_.front())) {
    return choose_path(query.scope, query.order, narrow_rows_max_);
  }
  MATRICULA_TRY(const std::int64_t rows,
                kept_count(query.scope, *histogram, 0, conditions_.size()));
  if (rows >= narrow_rows_max_) {
    return AccessPath{};
  }
  MATRICULA_TRY(const std::int64_t all, kept_count(query.scope, *whole, 0, 0));
  const std::int64_t passed = query.limit * all / std::max<std::int64_t>(rows, 1);
  return passed * kDoubt < rows * kEntriesPerLookup
             ? AccessPath{}
             : AccessPath{.lead = Lead::kFilter, .driver = 0};
}

}  // namespace matricula::storage
