#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sql/dialect.h"
#include "sql/relation.h"

namespace matricula::sql {

// The part of a condition that decides its SQL text; values are bound separately.
struct ConditionShape {
  std::uint16_t filter = 0;
  // Ranges: the ends that are given. Of kAnyOf: the smallest and the largest of the list, in
  // addition to the list, so that a list over the order's key is one range of the order's index.
  bool from = false;
  bool to = false;
  // kSearch: the people are known and are a list, or each row's person is looked at.
  bool people = false;
  // kAnyOf: the list has one value, and is compared with that.
  bool is_single = false;
  // kAnyOf: the number of parameters, each a value; 0 where the list is one parameter. SQLite
  // compares with a few values faster than with a list.
  std::uint8_t values = 0;
};

enum class Direction { kForwards, kBackwards };

// Which index drives the statement.
enum class Lead {
  kOrder,          // the order's index: each row is checked
  kFilter,         // the driving condition; the rows that it matches are sorted
  kOrderedFilter,  // the driving condition, a list of one, through an index that has the order
};

struct ListShape {
  const Relation* relation = nullptr;
  std::span<const std::uint16_t> columns;
  std::span<const ConditionShape> conditions;
  std::uint16_t order = 0;
  bool descending = false;
  Direction direction = Direction::kForwards;  // backwards reads the order from its end
  bool after = false;                          // bounds, both exclusive, in terms of the order
  bool before = false;
  Lead lead = Lead::kOrder;
  std::uint16_t driver = 0;  // the driving condition
  // PostgreSQL plans a statement without knowing its limit, which is a parameter; this bound on it
  // is part of the text, so that a page is planned as one. 0 for none.
  std::uint16_t limit_bound = 0;
  // Of a page, as further columns behind the ties: whether a row is at or beyond the bound that
  // there is, one of the two; how many rows match, from a histogram that has all the conditions.
  bool with_beyond = false;
  const Histogram* with_count = nullptr;
};

// The condition that `expression` is one of the values of a list, which is one parameter
// (storage::ValueList), such as "?3".
std::string in_list(std::string_view expression, std::string_view parameter, Dialect dialect);

// The condition that `expression` lies between two parameters, the upper one exclusive where the
// kind is kHalfOpen; an empty one is no bound, and one of them is not empty.
std::string in_range(std::string_view expression, std::string_view from, std::string_view to,
                     FilterKind kind);

// The condition that the text `expression` has the text of a parameter in it.
std::string contains(std::string_view expression, std::string_view parameter, Dialect dialect);

// Parameters are numbered from ?1 in this sequence: company, fixed columns, the values of each
// condition in turn (the list as one or value by value, then from, then to; the list of people, or
// the search text; the one value of a list that leads in order), the `after` key and ties, the
// `before` key and ties, and the row limit.
//
// page: the columns of the shape, then the order key and the ties, then what it is `with`; at most
// `limit` rows, and at most `limit_bound`, which the caller chooses no smaller.
std::string page_text(const ListShape& shape, Dialect dialect);

// count: how many rows match; bounds and limit do not take part.
std::string count_text(const ListShape& shape, Dialect dialect);

// kept: how many rows match, from a histogram of the relation that has all the conditions.
std::string kept_text(const ListShape& shape, const Histogram& histogram, Dialect dialect);

// histogram: the rows of a histogram that are of the company and the fixed columns, at most
// `limit`: the values of its filters, then how many rows have them.
std::string histogram_text(const Relation& relation, const Histogram& histogram, Dialect dialect);

// exists: whether there is a row at or beyond one bound: with `after`, at it or before it in the
// order; with `before`, at it or after it. At most one of the two is set: a bound that the
// conditions imply need not be. No limit parameter.
std::string exists_text(const ListShape& shape, Dialect dialect);

// probe: how many rows the driving condition finds, counted up to the limit parameter at most.
std::string probe_text(const ListShape& shape, Dialect dialect);

}  // namespace matricula::sql
