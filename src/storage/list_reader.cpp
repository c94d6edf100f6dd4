#include "storage/list_reader.h"

#include "base/assert.h"
#include "storage/people_search.h"

namespace matricula::storage {
namespace {

using sql::ConditionShape;
using sql::Filter;
using sql::FilterKind;
using sql::ListShape;

// Shapes differ by what clients filter with; a few hundred cover any workload, and a flood of odd
// ones starts over instead of growing.
constexpr std::size_t kStatementsMax = 1'024;
// A count walks no order: a filter leads in that finds this many times more rows than one may that
// leads into a page.
constexpr std::int64_t kCountFactor = 32;
// Where a range over a key that stands for null begins.
const KeyValue kFirstTimeKey = sql::kNullTimeKey + 1;
// The bounds on a page's rows that PostgreSQL plans for.
constexpr std::uint16_t kSmallPage = 64;
constexpr std::uint16_t kLargePage = 1'024;

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

bool is_searchable(const Filter& filter, const Condition& condition, sql::Dialect dialect) {
  return filter.kind == FilterKind::kSearch && is_in_trigrams(condition.search, dialect);
}

}  // namespace

const Statement& SqlListReader::statement(Kind kind, const ListShape& shape) {
  key_.clear();
  const auto add = [this](const auto& value) {
    key_.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  add(kind);
  add(reinterpret_cast<std::uintptr_t>(shape.relation));
  add(shape.order);
  add(shape.driver);
  add(shape.limit_bound);
  const char flags =
      static_cast<char>((shape.descending ? 1 : 0) | (shape.after ? 2 : 0) |
                        (shape.before ? 4 : 0) | (shape.way == sql::Way::kBackwards ? 8 : 0));
  add(flags);
  for (const ConditionShape& condition : shape.conditions) {
    add(condition.filter);
    const char ends = static_cast<char>((condition.from ? 1 : 0) | (condition.to ? 2 : 0) |
                                        (condition.through_index ? 4 : 0));
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
  std::string text;
  switch (kind) {
    case Kind::kPage:
      text = sql::page_text(shape, dialect_);
      break;
    case Kind::kCount:
      text = sql::count_text(shape, dialect_);
      break;
    case Kind::kExists:
      text = sql::exists_text(shape, dialect_);
      break;
    case Kind::kProbe:
      text = sql::probe_text(shape, dialect_);
      break;
  }
  return *statements_.emplace(key_, std::make_unique<Statement>(std::move(text))).first->second;
}

void SqlListReader::shape_conditions(const ListScope& scope) {
  shapes_.clear();
  ends_.clear();
  for (const Condition& condition : scope.conditions) {
    const Ends ends{.from = condition.from                                       ? &*condition.from
                            : scope.relation->filters[condition.filter].null_key ? &kFirstTimeKey
                                                                                 : nullptr,
                    .to = condition.to ? &*condition.to : nullptr};
    ends_.push_back(ends);
    shapes_.push_back(
        {.filter = condition.filter, .from = ends.from != nullptr, .to = ends.to != nullptr});
  }
}

// Of a bound and the end of a condition over the order's own key, one implies the other. Given
// both, SQLite may begin to read at the condition's end and pass over all rows up to the page: the
// bound that says less goes.
void SqlListReader::tighten(const ListScope& scope, std::uint16_t order, Bounds& bounds) {
  for (std::size_t i = 0; i < scope.conditions.size(); ++i) {
    const Condition& condition = scope.conditions[i];
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
      const bool bound_says_more = filter.kind == FilterKind::kHalfOpen
                                       ? bounds.high->front() < *ends.to
                                       : bounds.high->front() <= *ends.to;
      if (bound_says_more) {
        ends.to = nullptr;
      } else {
        bounds.high = nullptr;
      }
    }
    shapes_[i].from = ends.from != nullptr;
    shapes_[i].to = ends.to != nullptr;
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
  std::size_t values = 0;
  for (std::size_t i = first; i < first + count; ++i) {
    values += scope.conditions[i].any_of.size();
  }
  list_values_.reserve(values);
  binds_.emplace_back(scope.company);
  for (std::size_t i = 0; i < scope.relation->fixed.size(); ++i) {
    bind_value(scope.fixed[i], scope.relation->fixed[i].type);
  }
  for (std::size_t i = first; i < first + count; ++i) {
    const Condition& condition = scope.conditions[i];
    const Filter& filter = scope.relation->filters[condition.filter];
    if (filter.kind == FilterKind::kSearch) {
      if (shapes_[i].through_index) {
        make_pattern(condition.search, dialect_, pattern_);
        binds_.emplace_back(std::string_view(pattern_));
      } else {
        binds_.emplace_back(std::string_view(condition.search));
      }
      continue;
    }
    if (filter.kind == FilterKind::kAnyOf) {
      bind_list(condition.any_of, filter.type);
    }
    if (ends_[i].from != nullptr) {
      bind_value(*ends_[i].from, filter.type);
    }
    if (ends_[i].to != nullptr) {
      bind_value(*ends_[i].to, filter.type);
    }
  }
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

// The narrowest way in: an indexed condition that finds few rows. Counting up to a small bound
// costs less than a page, and decides between two plans that can differ by a factor of a thousand.
// PostgreSQL is told no way, but whether a search goes through its index.
Result<int> SqlListReader::choose_driver(const ListScope& scope, std::int64_t rows_max) {
  for (std::size_t i = 0; i < scope.conditions.size(); ++i) {
    const Condition& condition = scope.conditions[i];
    const Filter& filter = scope.relation->filters[condition.filter];
    const bool searchable = is_searchable(filter, condition, dialect_);
    if (!searchable && (!filter.indexed || dialect_ != sql::Dialect::kSqlite)) {
      continue;
    }
    if (searchable) {
      make_pattern(condition.search, dialect_, pattern_);
      MATRICULA_TRY(const bool few, finds_few_people(session_, dialect_, pattern_));
      if (!few) {
        continue;
      }
    }
    shapes_[i].through_index = searchable;
    if (dialect_ != sql::Dialect::kSqlite) {
      continue;
    }
    const Statement& probe = statement(
        Kind::kProbe,
        {.relation = scope.relation, .columns = {}, .conditions = std::span(&shapes_[i], 1)});
    bind_scope(scope, i, 1);
    binds_.emplace_back(rows_max);
    MATRICULA_TRY(const RowsHandle rows, session_.query(probe, binds_));
    MATRICULA_TRY(const bool any, rows->next());
    if (any && rows->integer(0) < rows_max) {
      return static_cast<int>(i);
    }
    shapes_[i].through_index = false;
  }
  return -1;
}

Result<RowsHandle> SqlListReader::page(const PageQuery& query) {
  shape_conditions(query.scope);
  MATRICULA_TRY(const int driver, choose_driver(query.scope, narrow_rows_max_));
  Bounds bounds{.low = query.descending ? query.before : query.after,
                .high = query.descending ? query.after : query.before};
  if (driver < 0) {
    tighten(query.scope, query.order, bounds);
  }
  const Position* const after = query.descending ? bounds.high : bounds.low;
  const Position* const before = query.descending ? bounds.low : bounds.high;
  const Statement& text = statement(Kind::kPage, {.relation = query.scope.relation,
                                                  .columns = query.columns,
                                                  .conditions = shapes_,
                                                  .order = query.order,
                                                  .descending = query.descending,
                                                  .way = query.way,
                                                  .after = after != nullptr,
                                                  .before = before != nullptr,
                                                  .driver = driver,
                                                  .limit_bound = limit_bound(query.limit)});
  bind_scope(query.scope, 0, query.scope.conditions.size());
  bind_position(*query.scope.relation, query.order, after);
  bind_position(*query.scope.relation, query.order, before);
  binds_.emplace_back(static_cast<std::int64_t>(query.limit));
  return session_.query(text, binds_);
}

Result<std::int64_t> SqlListReader::count(const ListScope& scope) {
  const std::int64_t rows_max = narrow_rows_max_ * kCountFactor;
  shape_conditions(scope);
  MATRICULA_TRY(int driver, choose_driver(scope, rows_max));
  // Of a large list, looking up the people whom a search finds costs less than looking at the
  // person of every row.
  for (std::size_t i = 0; driver < 0 && i < scope.conditions.size(); ++i) {
    const Condition& condition = scope.conditions[i];
    if (dialect_ != sql::Dialect::kSqlite ||
        !is_searchable(scope.relation->filters[condition.filter], condition, dialect_)) {
      continue;
    }
    const Statement& size =
        statement(Kind::kProbe, {.relation = scope.relation, .columns = {}, .conditions = {}});
    bind_scope(scope, 0, 0);
    binds_.emplace_back(rows_max);
    MATRICULA_TRY(const RowsHandle rows, session_.query(size, binds_));
    MATRICULA_TRY(const bool any, rows->next());
    if (any && rows->integer(0) >= rows_max) {
      shapes_[i].through_index = true;
      driver = static_cast<int>(i);
    }
  }
  const Statement& text = statement(
      Kind::kCount,
      {.relation = scope.relation, .columns = {}, .conditions = shapes_, .driver = driver});
  bind_scope(scope, 0, scope.conditions.size());
  MATRICULA_TRY(const RowsHandle rows, session_.query(text, binds_));
  MATRICULA_TRY(const bool any, rows->next());
  MATRICULA_ASSERT(any);
  return rows->integer(0);
}

Result<bool> SqlListReader::exists_beyond(const BoundQuery& query) {
  shape_conditions(query.scope);
  MATRICULA_TRY(const int driver, choose_driver(query.scope, narrow_rows_max_));
  Bounds bounds{.low = query.descending ? query.at_or_before : query.at_or_after,
                .high = query.descending ? query.at_or_after : query.at_or_before};
  if (driver < 0) {
    tighten(query.scope, query.order, bounds);
  }
  const Position* const at_or_before = query.descending ? bounds.low : bounds.high;
  const Position* const at_or_after = query.descending ? bounds.high : bounds.low;
  const Statement& text = statement(Kind::kExists, {.relation = query.scope.relation,
                                                    .columns = {},
                                                    .conditions = shapes_,
                                                    .order = query.order,
                                                    .descending = query.descending,
                                                    .after = at_or_before != nullptr,
                                                    .before = at_or_after != nullptr,
                                                    .driver = driver});
  bind_scope(query.scope, 0, query.scope.conditions.size());
  bind_position(*query.scope.relation, query.order, at_or_before);
  bind_position(*query.scope.relation, query.order, at_or_after);
  MATRICULA_TRY(const RowsHandle rows, session_.query(text, binds_));
  MATRICULA_TRY(const bool any, rows->next());
  return any && rows->integer(0) != 0;
}

}  // namespace matricula::storage
