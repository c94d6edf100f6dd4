#include "storage/sql_list_reader.h"

#include <algorithm>
#include <bit>

#include "base/assert.h"
#include "storage/people_block.h"

namespace matricula::storage {
namespace {

using sql::ConditionShape;
using sql::Filter;
using sql::FilterKind;
using sql::Lead;
using sql::ListShape;

// A few hundred shapes of requests cover any workload; past the bound the cache is cleared.
constexpr std::size_t kStatementsMax = 1'024;
// Where a range over a key with a value for null begins.
const KeyValue kFirstTimeKey = sql::kNullTimeKey + 1;
// The bounds on a page's rows that PostgreSQL plans for.
constexpr std::uint16_t kSmallPage = 64;
constexpr std::uint16_t kLargePage = 1'024;
// The longest list whose values are parameters of their own.
constexpr std::size_t kFewValues = 8;

std::uint16_t limit_bound(std::uint32_t limit) {
  return limit <= kSmallPage ? kSmallPage : limit <= kLargePage ? kLargePage : std::uint16_t{0};
}

// The value as its column is compared with.
Value stored_value(const KeyValue& value, sql::ColumnType type) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return *integer;
  }
  if (const auto* real = std::get_if<double>(&value)) {
    return *real;
  }
  const auto& text = std::get<std::string>(value);
  if (type == sql::ColumnType::kUuid) {
    return std::as_bytes(std::span(text));
  }
  return std::string_view(text);
}

}  // namespace

const sql::Histogram* histogram_of(const sql::Relation& relation,
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

const Statement& SqlListReader::statement(Kind kind, const ListShape& shape,
                                          std::size_t histogram) {
  key_.clear();
  const auto add = [this](const auto& value) {
    key_.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  add(kind);
  add(reinterpret_cast<std::uintptr_t>(shape.relation));
  add(histogram);
  add(shape.order);
  add(shape.lead);
  add(shape.driver);
  add(shape.limit_bound);
  const char flags = static_cast<char>(
      (shape.descending ? 1 : 0) | (shape.after ? 2 : 0) | (shape.before ? 4 : 0) |
      (shape.direction == sql::Direction::kBackwards ? 8 : 0) | (shape.with_beyond ? 16 : 0));
  add(flags);
  add(reinterpret_cast<std::uintptr_t>(shape.with_count));
  for (const ConditionShape& condition : shape.conditions) {
    add(condition.filter);
    add(condition.values);
    const char ends = static_cast<char>((condition.from ? 1 : 0) | (condition.to ? 2 : 0) |
                                        (condition.people ? 4 : 0) | (condition.is_single ? 8 : 0));
    add(ends);
  }
  key_ += '|';
  for (const std::uint16_t column : shape.columns) {
    add(column);
  }
  if (const auto found = statements_.find(key_); found != statements_.end()) {
    return *found->second;
  }
  if (statements_.size() >= kStatementsMax) {
    statements_.clear();
  }
  auto made = std::make_unique<Statement>(make_text(kind, shape, histogram));
  return *statements_.emplace(key_, std::move(made)).first->second;
}

std::string SqlListReader::make_text(Kind kind, const ListShape& shape,
                                     std::size_t histogram) const {
  switch (kind) {
    case Kind::kPage:
      return sql::page_text(shape, dialect_);
    case Kind::kCount:
      return sql::count_text(shape, dialect_);
    case Kind::kExists:
      return sql::exists_text(shape, dialect_);
    case Kind::kProbe:
      return sql::probe_text(shape, dialect_);
    case Kind::kKept:
      return sql::kept_text(shape, shape.relation->histograms[histogram], dialect_);
  }
  return {};
}

void SqlListReader::take_conditions(const ListScope& scope) {
  const sql::Relation& relation = *scope.relation;
  shapes_.clear();
  ends_.clear();
  conditions_ = scope.conditions;
  for (const Condition& condition : conditions_) {
    if (!condition.search.empty()) {
      needle_.clear();
      append_search_part(condition.search, needle_);
    }
    const Ends ends{.from = condition.from                                ? &*condition.from
                            : relation.filters[condition.filter].null_key ? &kFirstTimeKey
                                                                          : nullptr,
                    .to = condition.to ? &*condition.to : nullptr};
    ends_.push_back(ends);
    shapes_.push_back(
        {.filter = condition.filter, .from = ends.from != nullptr, .to = ends.to != nullptr});
  }
}

// Of a page's bound and a condition's bound over the same key, one implies the other. Given both,
// SQLite may begin to read at the condition's and skip all rows up to the page's: the weaker one is
// removed.
void SqlListReader::tighten(const ListScope& scope, std::uint16_t order, Bounds& bounds) {
  for (std::size_t i = 0; i < conditions_.size(); ++i) {
    const Condition& condition = conditions_[i];
    const Filter& filter = scope.relation->filters[condition.filter];
    if (filter.kind == FilterKind::kSearch ||
        filter.expression != scope.relation->orders[order].key) {
      continue;
    }
    Ends& ends = ends_[i];
    if (filter.kind == FilterKind::kAnyOf) {
      ends = {.from = &condition.any_of.front(), .to = &condition.any_of.back()};
    }
    if (bounds.low != nullptr && ends.from != nullptr) {
      if (bounds.low->front() >= *ends.from) {
        ends.from = nullptr;
      } else {
        bounds.low = nullptr;
      }
    }
    if (bounds.high != nullptr && ends.to != nullptr) {
      const bool bound_is_tighter = filter.kind == FilterKind::kHalfOpen
                                        ? bounds.high->front() < *ends.to
                                        : bounds.high->front() <= *ends.to;
      if (bound_is_tighter) {
        ends.to = nullptr;
      } else {
        bounds.high = nullptr;
      }
    }
    shapes_[i].from = ends.from != nullptr;
    shapes_[i].to = ends.to != nullptr;
  }
}

// The driving filter keeps its list, whose values are looked up in an index one by one. A short
// list of any other filter, which each visited row is compared with, becomes single parameters,
// padded with the last value so that there are few different statements.
void SqlListReader::spread_lists(const sql::Relation& relation, AccessPath path) {
  for (std::size_t i = 0; i < shapes_.size(); ++i) {
    const std::size_t size = conditions_[i].any_of.size();
    const bool leads =
        path.lead == Lead::kOrderedFilter ? path.driver == i : path.lead == Lead::kFilter;
    const bool is_spread = dialect_ == sql::Dialect::kSqlite && !leads && size <= kFewValues &&
                           relation.filters[conditions_[i].filter].kind == FilterKind::kAnyOf;
    shapes_[i].values = static_cast<std::uint8_t>(is_spread ? std::bit_ceil(size) : 0);
  }
}

void SqlListReader::bind_value(const KeyValue& value, sql::ColumnType type) {
  std::visit([this](const auto& each) { binds_.emplace_back(each); }, stored_value(value, type));
}

// The values of a list lie in one vector for the whole request, which bind_scope() made large
// enough that it does not move.
void SqlListReader::bind_list(std::span<const KeyValue> values, sql::ColumnType type) {
  const std::size_t begin = list_values_.size();
  MATRICULA_ASSERT(begin + values.size() <= list_values_.capacity());
  for (const KeyValue& value : values) {
    list_values_.push_back(stored_value(value, type));
  }
  binds_.emplace_back(ValueList{std::span(list_values_).subspan(begin)});
}

// Binds the company, the fixed columns and the conditions from `first` on.
void SqlListReader::bind_scope(const ListScope& scope, std::size_t first, std::size_t count) {
  binds_.clear();
  list_values_.clear();
  std::size_t values = ids_.size() / kPersonIdBytes;
  for (std::size_t i = first; i < first + count; ++i) {
    values += conditions_[i].any_of.size();
  }
  list_values_.reserve(values);
  binds_.emplace_back(scope.company);
  for (std::size_t i = 0; i < scope.relation->fixed.size(); ++i) {
    bind_value(scope.fixed[i], scope.relation->fixed[i].type);
  }
  for (std::size_t i = first; i < first + count; ++i) {
    bind_condition(i, scope.relation->filters[conditions_[i].filter]);
  }
}

void SqlListReader::bind_condition(std::size_t index, const Filter& filter) {
  const Condition& condition = conditions_[index];
  if (filter.kind == FilterKind::kSearch) {
    if (shapes_[index].people) {
      bind_people();
    } else {
      binds_.emplace_back(std::string_view(needle_));
    }
    return;
  }
  if (filter.kind == FilterKind::kAnyOf) {
    if (shapes_[index].is_single) {
      bind_value(condition.any_of.front(), filter.type);
    } else if (const std::size_t values = shapes_[index].values; values > 0) {
      for (std::size_t i = 0; i < values; ++i) {
        bind_value(condition.any_of[std::min(i, condition.any_of.size() - 1)], filter.type);
      }
    } else {
      bind_list(condition.any_of, filter.type);
    }
  }
  if (ends_[index].from != nullptr) {
    bind_value(*ends_[index].from, filter.type);
  }
  if (ends_[index].to != nullptr) {
    bind_value(*ends_[index].to, filter.type);
  }
}

void SqlListReader::bind_people() {
  const std::size_t begin = list_values_.size();
  const std::span<const std::byte> all = std::as_bytes(std::span(ids_));
  for (std::size_t at = 0; at < all.size(); at += kPersonIdBytes) {
    list_values_.emplace_back(all.subspan(at, kPersonIdBytes));
  }
  binds_.emplace_back(ValueList{std::span(list_values_).subspan(begin)});
}

void SqlListReader::bind_position(const sql::Relation& relation, std::uint16_t order,
                                  const Position* position) {
  if (position == nullptr) {
    return;
  }
  bind_value(position->front(), relation.orders[order].type);
  for (std::size_t i = 1; i < position->size(); ++i) {
    bind_value((*position)[i], relation.ties[i - 1].type);
  }
}

Result<std::int64_t> SqlListReader::first_integer(const Statement& statement) {
  MATRICULA_TRY(const RowsHandle rows, session_.query(statement, binds_));
  MATRICULA_TRY(const bool any, rows->next());
  MATRICULA_ASSERT(any);
  return rows->integer(0);
}

// Fits the conditions and the bounds to an access path.
void SqlListReader::follow(AccessPath path, const ListScope& scope, std::uint16_t order,
                           Bounds& bounds) {
  if (path.lead == Lead::kOrder) {
    tighten(scope, order, bounds);
  }
  if (path.lead == Lead::kOrderedFilter) {
    shapes_[path.driver].is_single = true;
  }
  spread_lists(*scope.relation, path);
}

UnsentStatement SqlListReader::make_page(const PageQuery& query, AccessPath path) {
  Bounds bounds{.low = query.descending ? query.before : query.after,
                .high = query.descending ? query.after : query.before};
  follow(path, query.scope, query.order, bounds);
  const Position* const after = query.descending ? bounds.high : bounds.low;
  const Position* const before = query.descending ? bounds.low : bounds.high;
  const sql::Histogram* const histogram =
      query.with_count ? histogram_of(*query.scope.relation, conditions_) : nullptr;
  const Statement& text = statement(Kind::kPage, {.relation = query.scope.relation,
                                                  .columns = query.columns,
                                                  .conditions = shapes_,
                                                  .order = query.order,
                                                  .descending = query.descending,
                                                  .direction = query.direction,
                                                  .after = after != nullptr,
                                                  .before = before != nullptr,
                                                  .lead = path.lead,
                                                  .driver = path.driver,
                                                  .limit_bound = limit_bound(query.limit),
                                                  .with_beyond = query.with_beyond,
                                                  .with_count = histogram});
  bind_scope(query.scope, 0, conditions_.size());
  bind_position(*query.scope.relation, query.order, after);
  bind_position(*query.scope.relation, query.order, before);
  binds_.emplace_back(static_cast<std::int64_t>(query.limit));
  return {.statement = text, .binds = binds_};
}

Result<RowsHandle> SqlListReader::page_by(const PageQuery& query, AccessPath path) {
  const UnsentStatement page = make_page(query, path);
  return session_.query(page.statement, page.binds);
}

Result<bool> SqlListReader::exists_by(const BoundQuery& query, AccessPath path) {
  Bounds bounds{.low = query.descending ? query.at_or_before : query.at_or_after,
                .high = query.descending ? query.at_or_after : query.at_or_before};
  follow(path, query.scope, query.order, bounds);
  const Position* const at_or_before = query.descending ? bounds.low : bounds.high;
  const Position* const at_or_after = query.descending ? bounds.high : bounds.low;
  const Statement& text = statement(Kind::kExists, {.relation = query.scope.relation,
                                                    .columns = {},
                                                    .conditions = shapes_,
                                                    .order = query.order,
                                                    .descending = query.descending,
                                                    .after = at_or_before != nullptr,
                                                    .before = at_or_after != nullptr,
                                                    .lead = path.lead,
                                                    .driver = path.driver});
  bind_scope(query.scope, 0, conditions_.size());
  bind_position(*query.scope.relation, query.order, at_or_before);
  bind_position(*query.scope.relation, query.order, at_or_after);
  MATRICULA_TRY(const std::int64_t found, first_integer(text));
  return found != 0;
}

Result<std::int64_t> SqlListReader::count_by(const ListScope& scope, AccessPath path) {
  if (const sql::Histogram* histogram = histogram_of(*scope.relation, conditions_)) {
    return kept_count(scope, *histogram, 0, conditions_.size());
  }
  const Statement& text = statement(Kind::kCount, {.relation = scope.relation,
                                                   .columns = {},
                                                   .conditions = shapes_,
                                                   .lead = path.lead,
                                                   .driver = path.driver});
  bind_scope(scope, 0, conditions_.size());
  return first_integer(text);
}

}  // namespace matricula::storage
