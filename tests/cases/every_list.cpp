#include "tests/cases/every_list.h"

#include <numeric>

namespace matricula::cases {

using sql::ColumnType;
using sql::Filter;
using sql::FilterKind;
using sql::Relation;
using storage::Condition;
using storage::KeyValue;
using storage::Position;

namespace {

// The n-th of a few values of a type, in their order.
KeyValue value_of(ColumnType type, int n) {
  switch (type) {
    case ColumnType::kReal:
      return n * 1.5;
    case ColumnType::kUuid:
      return std::string(16, static_cast<char>(n));
    case ColumnType::kText:
    case ColumnType::kJson:
      return std::string(1, static_cast<char>('a' + n));
    case ColumnType::kInteger:
    case ColumnType::kBoolean:
    case ColumnType::kTime:
      break;
  }
  return std::int64_t{n};
}

// Whether a statement asks how many rows a filter finds.
bool asks_how_many(std::string_view text) {
  return text.starts_with("SELECT count(*) FROM (SELECT 1") ||
         text.starts_with("SELECT CAST(coalesce(sum(t.row_count)") ||
         text.find(", t.row_count FROM") != std::string_view::npos;
}

}  // namespace

Position position_of(const Relation& relation, std::uint16_t order, int n) {
  Position position{value_of(relation.orders[order].type, n)};
  for (const sql::Tie& tie : relation.ties) {
    if (!relation.orders[order].unique) {
      position.push_back(value_of(tie.type, 5));
    }
  }
  return position;
}

Condition condition_of(const Relation& relation, std::size_t index, bool single) {
  const Filter& filter = relation.filters[index];
  Condition condition{.filter = static_cast<std::uint16_t>(index)};
  switch (filter.kind) {
    case FilterKind::kAnyOf:
      condition.any_of =
          single ? std::vector<KeyValue>{value_of(filter.type, 5)}
                 : std::vector<KeyValue>{value_of(filter.type, 4), value_of(filter.type, 6)};
      break;
    case FilterKind::kHalfOpen:
    case FilterKind::kClosed:
      if (!single) {
        condition.from = value_of(filter.type, 4);
      }
      condition.to = value_of(filter.type, 6);
      break;
    case FilterKind::kSearch:
      condition.search = "needle";
      break;
  }
  return condition;
}

std::vector<std::uint16_t> all_columns(const Relation& relation) {
  std::vector<std::uint16_t> columns(relation.columns.size());
  std::iota(columns.begin(), columns.end(), std::uint16_t{0});
  return columns;
}

Result<storage::RowsHandle> ExplainingSession::query(const storage::Statement& statement,
                                                     std::span<const storage::Bind> binds) {
  if (wide && asks_how_many(statement.text())) {
    return storage::RowsHandle(&many_);
  }
  MATRICULA_CHECK(explain(statement, binds));
  text = statement.text();
  return session_.query(statement, binds);
}

EveryList::EveryList() {
  for (const domains::Domain& domain : domains::all_domains()) {
    definitions_.push_back(domain.define());
  }
  for (const domains::Definition& definition : definitions_) {
    for (const planning::Root& root : definition.mapping.roots) {
      if (const auto* connection = std::get_if<planning::ConnectionRoot>(&root)) {
        relations_.push_back(&connection->relation);
      }
    }
  }
}

void EveryList::for_each(const Check& check) const {
  for (const Relation* relation : relations_) {
    std::vector<std::vector<Condition>> narrowings(2);
    for (std::size_t i = 0; i < relation->filters.size(); ++i) {
      if (relation->filters[i].kind == FilterKind::kSearch) {
        continue;  // its people lead in, and an empty store has none
      }
      narrowings[1].push_back(condition_of(*relation, i, false));
      narrowings.push_back({condition_of(*relation, i, false)});
      narrowings.push_back({condition_of(*relation, i, true)});
    }
    const std::vector<KeyValue> fixed(relation->fixed.size(), KeyValue(std::string("plan")));
    for (const std::vector<Condition>& conditions : narrowings) {
      for (std::size_t order = 0; order < relation->orders.size(); ++order) {
        for (const bool descending : {false, true}) {
          check(
              storage::ListScope{
                  .relation = relation, .company = "1", .fixed = fixed, .conditions = conditions},
              static_cast<std::uint16_t>(order), descending);
        }
      }
    }
  }
}

}  // namespace matricula::cases
