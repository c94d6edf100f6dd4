#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sql/list_text.h"

namespace matricula::sql {

// The alias of the list's table in the texts of relations, and of the part of a statement that
// finds the keys of a page's rows.
inline constexpr std::string_view kRowAlias = "t.";
inline constexpr std::string_view kKeyAlias = "k.";

// An expression over the list's table, by another alias.
std::string aliased(std::string_view expression, std::string_view alias);

// Writes the conditions, bounds and order of a list's statement, and numbers its parameters.
class ConditionWriter {
 public:
  // Where `walks_order`, the statement follows the order's index unless a condition leads.
  ConditionWriter(const ListShape& shape, Dialect dialect, bool walks_order, std::string& out)
      : shape_(shape),
        relation_(*shape.relation),
        dialect_(dialect),
        walks_order_(walks_order),
        out_(out) {}

  // Sets the alias of the columns of the index that is walked, from now on.
  void set_alias(std::string_view alias) { alias_ = alias; }
  std::string_view alias() const { return alias_; }
  // The next parameter.
  std::string parameter();
  // The tenant, the fixed columns and the conditions.
  void where();
  // Whether rows are looked up value by value of the driving lists. PostgreSQL plans a statement
  // without its values, estimates that a list over a column of few values matches nearly all rows,
  // and would read the whole table.
  bool is_by_value() const;
  // For is_by_value(), in place of the table: a lookup for each of the values.
  std::string rows_by_value() const;
  // The bounds of a page, exclusive.
  void bounds();
  // One bound, where it is present.
  void bound(bool present, std::string_view comparison);
  // Whether the planner sees that the rows are in the order of an index.
  enum class OrderKey : std::uint8_t { kSeen, kHidden };
  void order_by(OrderKey key);
  // From a bound on: towards the rows before it in the client's order, or towards those after it.
  void order_from_bound(bool is_towards_first);
  // Whether keys rise in the order that the client asked for.
  bool is_upwards() const { return !shape_.descending; }
  // Whether rows are sorted, rather than read in the order of an index.
  bool is_sorted() const { return shape_.lead == Lead::kFilter; }
  // Whether the index that is walked answers some condition, or every one, without the row.
  bool is_any_covered() const;
  bool is_every_covered() const;

 private:
  // How a condition compares a column.
  enum class Kind : std::uint8_t { kValues, kRange };
  void order_by(OrderKey key, bool is_rising);
  const Order& order() const { return relation_.orders[shape_.order]; }
  std::string found(std::string_view expression) const;
  bool is_implied(const ConditionShape& condition) const;
  bool is_driver(const ConditionShape& condition) const;
  int parameters_of(const ConditionShape& condition) const;
  bool is_covered(const ConditionShape& condition) const;
  bool is_of_keys(std::string_view expression) const;
  std::string hidden(std::string_view expression, ColumnType type, bool is_hidden) const;
  bool is_hidden(const ConditionShape& condition, Kind kind) const;
  std::string looked_at(const ConditionShape& condition, Kind kind) const;
  std::string wrapped(std::string text, bool is_hidden) const;
  void condition(const ConditionShape& shape);
  void any_of(const Filter& filter, const ConditionShape& shape);
  void range(const Filter& filter, const ConditionShape& shape);
  void search(const Filter& filter, const ConditionShape& shape);

  const ListShape& shape_;
  const Relation& relation_;
  const Dialect dialect_;
  const bool walks_order_;
  std::string& out_;
  std::string_view alias_ = kRowAlias;
  int parameters_ = 0;
};

}  // namespace matricula::sql
