#include "sql/list_conditions.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/assert.h"

namespace matricula::sql {

namespace {

std::string_view postgres_type(ColumnType type) {
  switch (type) {
    case ColumnType::kText:
    case ColumnType::kJson:
      return "text";
    case ColumnType::kUuid:
      return "bytea";
    case ColumnType::kReal:
      return "double precision";
    case ColumnType::kInteger:
    case ColumnType::kBoolean:
    case ColumnType::kTime:
      break;
  }
  return "bigint";
}

}  // namespace

std::string aliased(std::string_view expression, std::string_view alias) {
  MATRICULA_ASSERT(expression.starts_with(kRowAlias));
  return fmt::format("{}{}", alias, expression.substr(kRowAlias.size()));
}

// The expression with the alias of the part of the statement that finds rows.
std::string ConditionWriter::found(std::string_view expression) const {
  return alias_ == kRowAlias ? std::string(expression) : aliased(expression, alias_);
}

std::string ConditionWriter::parameter() {
  return fmt::format("?{}", ++parameters_);
}

void ConditionWriter::where() {
  ++parameters_;  // ?1, the company, is in the tenant's condition
  out_ += " WHERE ";
  out_ += found(relation_.tenant);
  for (const FixedColumn& column : relation_.fixed) {
    const std::string value = parameter();
    if (!column.expression.empty()) {
      out_ += fmt::format(" AND {} = {}", found(column.expression), value);
    }
  }
  for (const ConditionShape& shape : shape_.conditions) {
    if (is_by_value() && is_driver(shape)) {
      parameters_ += parameters_of(shape);
    } else if (!is_implied(shape)) {
      out_ += " AND ";
      condition(shape);
    }
  }
}

bool ConditionWriter::is_by_value() const {
  return dialect_ == Dialect::kPostgres && shape_.lead == Lead::kFilter &&
         relation_.filters[shape_.conditions[shape_.driver].filter].kind == FilterKind::kAnyOf;
}

int ConditionWriter::parameters_of(const ConditionShape& condition) const {
  const FilterKind kind = relation_.filters[condition.filter].kind;
  const int values = kind == FilterKind::kSearch  ? 1
                     : kind != FilterKind::kAnyOf ? 0
                                                  : std::max<int>(1, condition.values);
  return values + (condition.from ? 1 : 0) + (condition.to ? 1 : 0);
}

// OFFSET 0 keeps the planner from making one join of all.
std::string ConditionWriter::rows_by_value() const {
  std::string lists;
  std::string conditions;
  int place = 1 + static_cast<int>(relation_.fixed.size());
  for (std::size_t i = 0; i < shape_.conditions.size(); ++i) {
    const ConditionShape& shape = shape_.conditions[i];
    if (is_driver(shape)) {
      const Filter& filter = relation_.filters[shape.filter];
      lists += fmt::format("unnest(?{}::{}[]) v{}(value) CROSS JOIN ", place + 1,
                           postgres_type(filter.type), i);
      conditions += fmt::format(" AND {} = v{}.value", filter.expression, i);
    }
    place += parameters_of(shape);
  }
  std::string fixed;
  for (std::size_t i = 0; i < relation_.fixed.size(); ++i) {
    if (!relation_.fixed[i].expression.empty()) {
      fixed += fmt::format(" AND {} = ?{}", relation_.fixed[i].expression, i + 2);
    }
  }
  return fmt::format("{}LATERAL (SELECT * FROM {} WHERE {}{}{} OFFSET 0) t", lists, relation_.table,
                     relation_.tenant, fixed, conditions);
}

// A range whose bounds were both removed: the page's bounds imply it.
bool ConditionWriter::is_implied(const ConditionShape& condition) const {
  const FilterKind kind = relation_.filters[condition.filter].kind;
  return (kind == FilterKind::kHalfOpen || kind == FilterKind::kClosed) && !condition.from &&
         !condition.to;
}

bool ConditionWriter::is_driver(const ConditionShape& condition) const {
  if (shape_.lead == Lead::kOrder) {
    return false;
  }
  const ConditionShape& driver = shape_.conditions[shape_.driver];
  return &condition == &driver || (relation_.filters[driver.filter].is_joint &&
                                   relation_.filters[condition.filter].is_joint);
}

// Whether the order's index has the condition's column.
bool ConditionWriter::is_covered(const ConditionShape& condition) const {
  const Filter& filter = relation_.filters[condition.filter];
  return (filter.kind == FilterKind::kSearch && condition.people) || is_of_keys(filter.expression);
}

bool ConditionWriter::is_every_covered() const {
  return shape_.lead == Lead::kOrder && !shape_.conditions.empty() &&
         std::ranges::all_of(shape_.conditions,
                             [this](const auto& each) { return is_covered(each); }) &&
         is_any_covered();
}

// Whether the index answers a condition without the row. SQLite 3.40 looks up the row for every
// entry of an index over a generated column, unless the statement is written to avoid it.
bool ConditionWriter::is_any_covered() const {
  return shape_.lead == Lead::kOrder && !order().covers.empty() &&
         std::ranges::any_of(shape_.conditions, [this](const auto& each) {
           return is_covered(each) && relation_.filters[each.filter].expression != order().key;
         });
}

// The expression in a form for which no index is chosen. SQLite does not use a term with a unary
// plus ("The SQLite Query Optimizer Overview", section 2); PostgreSQL uses an index only for
// exactly its expression.
std::string ConditionWriter::hidden(std::string_view expression, ColumnType type,
                                    bool is_hidden) const {
  std::string text =
      alias_ != kRowAlias && is_of_keys(expression) ? found(expression) : std::string(expression);
  if (!is_hidden) {
    return text;
  }
  if (dialect_ == Dialect::kSqlite) {
    return "+" + text;
  }
  switch (type) {
    case ColumnType::kText:
    case ColumnType::kJson:
      return fmt::format("({} || '')", text);
    case ColumnType::kUuid:
      return fmt::format("({} || ''::bytea)", text);
    case ColumnType::kInteger:
    case ColumnType::kReal:
    case ColumnType::kBoolean:
    case ColumnType::kTime:
      return fmt::format("({} + 0)", text);
  }
  return text;
}

// Whether the index that the statement walks has the column.
bool ConditionWriter::is_of_keys(std::string_view expression) const {
  return expression == order().key ||
         std::ranges::find(relation_.ties, expression, &Tie::expression) != relation_.ties.end() ||
         std::ranges::find(order().covers, expression) != order().covers.end();
}

// A condition is hidden from the planner unless it drives the query or is a range over the order's
// key: neither planner knows how many rows a value matches.
bool ConditionWriter::is_hidden(const ConditionShape& condition, Kind kind) const {
  const bool is_of_order = kind == Kind::kRange && shape_.lead == Lead::kOrder &&
                           relation_.filters[condition.filter].expression == order().key;
  return walks_order_ && !is_driver(condition) && !is_of_order;
}

std::string ConditionWriter::looked_at(const ConditionShape& condition, Kind kind) const {
  const Filter& filter = relation_.filters[condition.filter];
  return hidden(filter.expression, filter.type,
                dialect_ == Dialect::kSqlite && is_hidden(condition, kind));
}

// PostgreSQL uses no index for a condition that is compared with true, and still estimates its rows
// as for the condition itself. For an expression over the column it has no estimate, and would
// compute the expression for each row.
std::string ConditionWriter::wrapped(std::string text, bool is_hidden) const {
  return is_hidden && dialect_ == Dialect::kPostgres ? fmt::format("({}) IS TRUE", text)
                                                     : std::move(text);
}

void ConditionWriter::condition(const ConditionShape& shape) {
  const Filter& filter = relation_.filters[shape.filter];
  switch (filter.kind) {
    case FilterKind::kAnyOf:
      any_of(filter, shape);
      return;
    case FilterKind::kHalfOpen:
    case FilterKind::kClosed:
      range(filter, shape);
      return;
    case FilterKind::kSearch:
      search(filter, shape);
      return;
  }
}

// A list over the key of the order that is walked drives the query as the range of its values:
// SQLite would take a list of one for an equality and no longer begin at a bound of the page.
void ConditionWriter::any_of(const Filter& filter, const ConditionShape& shape) {
  if (shape.is_single) {
    out_ += fmt::format("{} = {}", filter.expression, parameter());
    return;
  }
  if (shape.values > 0) {
    const std::string column = looked_at(shape, Kind::kValues);
    for (unsigned i = 0; i < shape.values; ++i) {
      out_ += fmt::format("{}{} = {}", i == 0 ? "(" : " OR ", column, parameter());
    }
    out_ += ')';
  } else {
    out_ += wrapped(in_list(looked_at(shape, Kind::kValues), parameter(), dialect_),
                    is_hidden(shape, Kind::kValues));
  }
  if (shape.from || shape.to) {
    out_ += " AND ";
    range(filter, shape);
  }
}

void ConditionWriter::range(const Filter& filter, const ConditionShape& shape) {
  const std::string from = shape.from ? parameter() : "";
  const std::string to = shape.to ? parameter() : "";
  const std::string text = in_range(looked_at(shape, Kind::kRange), from, to, filter.kind);
  out_ += wrapped(fmt::format("({})", text), is_hidden(shape, Kind::kRange));
}

void ConditionWriter::search(const Filter& filter, const ConditionShape& shape) {
  if (shape.people) {
    out_ += wrapped(in_list(looked_at(shape, Kind::kValues), parameter(), dialect_),
                    is_hidden(shape, Kind::kValues));
    return;
  }
  out_ += contains(filter.searched, parameter(), dialect_);
}

void ConditionWriter::bounds() {
  bound(shape_.after, is_upwards() ? ">" : "<");
  bound(shape_.before, is_upwards() ? "<" : ">");
}

void ConditionWriter::bound(bool present, std::string_view comparison) {
  if (!present) {
    return;
  }
  std::string keys = hidden(order().key, order().type, is_sorted());
  std::string parameters = parameter();
  if (!order().unique) {
    for (const Tie& tie : relation_.ties) {
      keys += ", ";
      keys += found(tie.expression);
      parameters += ", ";
      parameters += parameter();
    }
  }
  out_ += fmt::format(" AND ({}) {} ({})", keys, comparison, parameters);
}

void ConditionWriter::order_by(OrderKey key) {
  order_by(key, is_upwards() == (shape_.direction == Direction::kForwards));
}

void ConditionWriter::order_from_bound(bool is_towards_first) {
  order_by(OrderKey::kSeen, is_upwards() != is_towards_first);
}

void ConditionWriter::order_by(OrderKey key, bool is_rising) {
  const std::string_view direction = is_rising ? "" : " DESC";
  out_ += fmt::format(" ORDER BY {}{}", hidden(order().key, order().type, key == OrderKey::kHidden),
                      direction);
  if (!order().unique) {
    for (const Tie& tie : relation_.ties) {
      out_ += fmt::format(", {}{}", found(tie.expression), direction);
    }
  }
}

}  // namespace matricula::sql
