// The part of the reader that searches, and the requests that may.
#include <algorithm>

#include "base/assert.h"
#include "storage/limits.h"
#include "storage/people_block.h"
#include "storage/sql_list_reader.h"

namespace matricula::storage {
namespace {

using sql::FilterKind;
using sql::Lead;

// A count walks no order: its driving filter may find this many times more rows than that of a
// page.
constexpr std::int64_t kCountFactor = 32;
// How many people are found for the first rows of a page; more each time.
constexpr std::size_t kFirstPeople = 16;

std::string_view key_of(const Position& position) {
  return std::get<std::string>(position.front());
}

// The people at or beyond a bound of a list that is in the order of their addresses.
PeopleSearch::Query range_of(const BoundQuery& query) {
  const bool is_upwards = (query.at_or_before != nullptr) == query.descending;
  const Position& bound = query.at_or_before != nullptr ? *query.at_or_before : *query.at_or_after;
  PeopleSearch::Query range;
  range.direction = is_upwards ? sql::Direction::kForwards : sql::Direction::kBackwards;
  range.begin = key_of(bound);
  return range;
}

PeopleSearch::Query range_of(const PageQuery& query) {
  const bool is_forwards = query.direction == sql::Direction::kForwards;
  const Position* const begin = is_forwards ? query.after : query.before;
  const Position* const end = is_forwards ? query.before : query.after;
  PeopleSearch::Query range;
  range.direction =
      is_forwards != query.descending ? sql::Direction::kForwards : sql::Direction::kBackwards;
  if (begin != nullptr) {
    range.begin = key_of(*begin);
  }
  if (end != nullptr) {
    range.end = key_of(*end);
  }
  return range;
}

}  // namespace

std::optional<std::uint16_t> SqlListReader::search_of(const sql::Relation& relation) const {
  const auto found = std::ranges::find_if(conditions_, [&](const Condition& condition) {
    return relation.filters[condition.filter].kind == FilterKind::kSearch;
  });
  return found == conditions_.end()
             ? std::nullopt
             : std::optional(static_cast<std::uint16_t>(found - conditions_.begin()));
}

SqlListReader::AccessPath SqlListReader::people_lead(std::uint16_t search) {
  shapes_[search].people = true;
  return {.lead = Lead::kFilter, .driver = search};
}

// Where the list is in the order of addresses, people are searched as the page needs them. In
// another order all of them have to be found first; where they are many, the order's index is
// walked instead, in which a row that matches is then never far.
Result<SqlListReader::Search> SqlListReader::begin_search(const ListScope& scope,
                                                          std::uint16_t search,
                                                          const PeopleSearch::Query& range,
                                                          bool is_ordered) {
  PeopleSearch::Query query = is_ordered ? range : PeopleSearch::Query();
  query.company = scope.company;
  query.needle = needle_;
  shapes_[search].people = false;
  MATRICULA_TRY(const bool is_known, people_.start(query));
  if (!is_known) {
    return Search::kNone;
  }
  if (is_ordered) {
    return Search::kOrdered;
  }
  MATRICULA_CHECK(people_.next(kFoundPeopleMax, ids_));
  return people_.is_done() ? Search::kPeople : Search::kNone;
}

Result<RowsHandle> SqlListReader::page(const PageQuery& query) {
  take_conditions(query.scope);
  ids_.clear();
  MATRICULA_TRY(AccessPath path, choose_path(query.scope, query.order, query.limit));
  const std::optional<std::uint16_t> search = search_of(*query.scope.relation);
  if (search && path.lead != Lead::kFilter) {
    const bool is_ordered = query.scope.relation->orders[query.order].by_person;
    const PeopleSearch::Query range = is_ordered ? range_of(query) : PeopleSearch::Query();
    MATRICULA_TRY(const Search found, begin_search(query.scope, *search, range, is_ordered));
    switch (found) {
      case Search::kNone:
        break;
      case Search::kPeople:
        path = people_lead(*search);
        break;
      case Search::kOrdered:
        people_lead(*search);
        found_rows_.start(query);
        return RowsHandle(&found_rows_);
    }
  }
  return page_by(query, path);
}

// A search takes statements of its own, and so may the choice of a path.
std::optional<UnsentStatement> SqlListReader::page_statement(const PageQuery& query) {
  take_conditions(query.scope);
  ids_.clear();
  if (search_of(*query.scope.relation)) {
    return std::nullopt;
  }
  const auto path = known_path(query.scope, query.order, query.limit);
  return path ? std::optional(make_page(query, path->path)) : std::nullopt;
}

bool SqlListReader::is_short(const PageQuery& query) {
  take_conditions(query.scope);
  if (search_of(*query.scope.relation)) {
    return false;
  }
  const auto path = known_path(query.scope, query.order, query.limit);
  return path && path->passed <= kShortPageEntriesMax;
}

// On SQLite a statement has no round trip to save.
bool SqlListReader::can_add(const PageQuery& query) {
  conditions_ = query.scope.conditions;
  const sql::Relation& relation = *query.scope.relation;
  const bool has_one_bound = (query.after == nullptr) != (query.before == nullptr);
  return dialect_ == sql::Dialect::kPostgres && !search_of(relation) &&
         (!query.with_count || histogram_of(relation, conditions_) != nullptr) &&
         (!query.with_beyond || (has_one_bound && !is_range_of_order(query)));
}

// Whether a bound of the page may replace a condition's bound: see tighten().
bool SqlListReader::is_range_of_order(const PageQuery& query) const {
  const sql::Relation& relation = *query.scope.relation;
  return std::ranges::any_of(conditions_, [&](const Condition& condition) {
    return relation.filters[condition.filter].expression == relation.orders[query.order].key;
  });
}

void SqlListReader::FoundRows::start(const PageQuery& query) {
  query_ = query;
  rows_.reset();
  people_min_ =
      std::max<std::size_t>(kFirstPeople, std::min<std::size_t>(query.limit, kFoundPeopleMax));
}

Result<bool> SqlListReader::FoundRows::next() {
  for (;;) {
    if (rows_ != nullptr) {
      MATRICULA_TRY(const bool is_row, rows_->next());
      if (is_row) {
        --query_.limit;
        return true;
      }
      rows_.reset();
    }
    if (query_.limit == 0 || reader_.people_.is_done()) {
      return false;
    }
    reader_.ids_.clear();
    MATRICULA_CHECK(reader_.people_.next(people_min_, reader_.ids_));
    people_min_ = std::min(people_min_ * 4, kFoundPeopleMax);
    if (reader_.ids_.empty()) {
      return false;
    }
    const std::optional<std::uint16_t> search = reader_.search_of(*query_.scope.relation);
    MATRICULA_TRY(rows_, reader_.page_by(query_, {.lead = Lead::kFilter, .driver = *search}));
  }
}

Result<bool> SqlListReader::exists_beyond(const BoundQuery& query) {
  take_conditions(query.scope);
  ids_.clear();
  MATRICULA_TRY(AccessPath path, choose_path(query.scope, query.order, 1));
  const std::optional<std::uint16_t> search = search_of(*query.scope.relation);
  if (search && path.lead != Lead::kFilter) {
    const bool is_ordered = query.scope.relation->orders[query.order].by_person;
    const PeopleSearch::Query range = is_ordered ? range_of(query) : PeopleSearch::Query();
    MATRICULA_TRY(const Search found, begin_search(query.scope, *search, range, is_ordered));
    if (found == Search::kPeople) {
      path = people_lead(*search);
    }
    if (found == Search::kOrdered) {
      path = people_lead(*search);
      for (std::size_t people = kFirstPeople; !people_.is_done();
           people = std::min(people * 4, kFoundPeopleMax)) {
        ids_.clear();
        MATRICULA_CHECK(people_.next(people, ids_));
        MATRICULA_TRY(const bool is_there, exists_by(query, path));
        if (is_there) {
          return true;
        }
      }
      return false;
    }
  }
  return exists_by(query, path);
}

std::optional<UnsentStatement> SqlListReader::count_statement(const ListScope& scope) {
  take_conditions(scope);
  ids_.clear();
  const sql::Histogram* const histogram = histogram_of(*scope.relation, conditions_);
  return histogram == nullptr
             ? std::nullopt
             : std::optional(make_kept_count(scope, *histogram, 0, conditions_.size()));
}

Result<std::int64_t> SqlListReader::count(const ListScope& scope) {
  take_conditions(scope);
  ids_.clear();
  if (is_count_kept(scope)) {
    return count_by(scope, {});
  }
  MATRICULA_TRY(const AccessPath path,
                most_selective_path(scope, std::nullopt, selective_rows_max_ * kCountFactor));
  const std::optional<std::uint16_t> search = search_of(*scope.relation);
  if (search && path.lead != Lead::kFilter) {
    MATRICULA_TRY(const Search found, begin_search(scope, *search, {}, true));
    if (found == Search::kOrdered) {
      const AccessPath lead = people_lead(*search);
      std::int64_t total = 0;
      while (!people_.is_done()) {
        ids_.clear();
        MATRICULA_CHECK(people_.next(kFoundPeopleMax, ids_));
        MATRICULA_TRY(const std::int64_t part, count_by(scope, lead));
        total += part;
      }
      return total;
    }
  }
  return count_by(scope, path.lead == Lead::kFilter ? path : AccessPath{});
}

}  // namespace matricula::storage
