#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace matricula::sql {

// How a column is stored and compared. Times are microseconds, UUIDs sixteen bytes, JSON is text.
enum class ColumnType { kText, kInteger, kReal, kBoolean, kTime, kUuid, kJson };

// The value of null in an order key of type time, so that a key is never null and one index range
// answers every page: smaller than any time that can be written.
inline constexpr std::int64_t kNullTimeKey = -1'000'000'000'000'000'000;

inline constexpr unsigned kNoJoin = 0xFFFF;

// A column that a list can read: an expression over the table or over one of the joins.
struct Column {
  std::string_view name = {};  // the field of the schema
  std::string_view expression;
  ColumnType type = ColumnType::kText;
  unsigned join = kNoJoin;
  std::string_view postgres = {};  // the expression in that dialect, where it is another
};

// An order that a list can be read in. `key` is never null and is, with the ties, what the index
// after the company and the fixed columns holds.
struct Order {
  std::string_view name;  // the enum value of the schema
  std::string_view key;
  ColumnType type = ColumnType::kText;
  bool unique = false;     // the key alone tells rows apart: no ties
  bool by_person = false;  // the key is the e-mail address of the row's person
  // The name of the order's index where another one begins with the same key: the statement forces
  // SQLite to use this one, since only it has the ties too.
  std::string_view index = {};
  // Further columns of the order's index: filters over them are answered without the row.
  std::vector<std::string_view> covers = {};
};

enum class FilterKind {
  kAnyOf,     // the value is one of a list
  kHalfOpen,  // from <= value < to
  kClosed,    // from <= value <= to
  kSearch,  // the text occurs in `searched`, the search text of the person that `expression` names
};

struct Filter {
  std::string_view name = {};  // the input's path, such as "filter.userIds" or "query"
  std::string_view expression;
  ColumnType type = ColumnType::kText;
  FilterKind kind = FilterKind::kAnyOf;
  // An index (company, fixed, expression) makes this filter the cheapest access path where it is
  // selective; with others the index of the order is walked.
  bool indexed = false;
  // The name of that index, empty for the primary key. The statement forces SQLite to use it:
  // without statistics SQLite estimates that a second column of an index is hardly selective, and
  // reads the whole company.
  std::string_view index = {};
  // Neighbours in `filters` that share one index, and drive a query together.
  bool is_joint = false;
  // Whether that index goes on with the first order's key and the ties: a list of one value is then
  // a range in that order.
  bool is_ordered = false;
  // Of a range over an order key whose null is kNullTimeKey: a range excludes it, so one without a
  // lower end begins after it.
  bool null_key = false;
  bool lower_case = false;         // values compare by their lower-case mapping
  std::string_view prefix = {};    // kAnyOf over text: what `expression` puts before each value
  std::string_view searched = {};  // kSearch: an expression over the list's table
};

// Counts that triggers maintain, in a table with the company, the fixed columns, the columns of
// `filters` and `row_count`: how many rows have these values.
struct Histogram {
  std::string_view table;                 // with its alias, such as "program_progress_counts t"
  std::vector<std::string_view> filters;  // by name
};

// A value that pins the list to one parent, such as the plan of a learning plan's progress. Bound
// as ?2, ?3, ...; with an empty expression it is part of the relation's own texts.
struct FixedColumn {
  std::string_view name = {};  // the input's path, such as "planId"
  std::string_view expression;
  ColumnType type = ColumnType::kText;
};

struct Tie {
  std::string_view expression;
  ColumnType type = ColumnType::kText;
};

// A list as the store has it. All text comes from our own mapping, never from a request. `tenant`
// restricts every statement made from it to one company, ?1, in one place.
struct Relation {
  std::string_view name;   // for messages and metrics
  std::string_view table;  // with its alias, such as "program_progress t"
  std::string_view
      tenant;  // the condition that a row is the company's, such as "t.company_id = ?1"
  std::vector<FixedColumn> fixed;
  std::vector<std::string_view> joins;
  std::vector<Column> columns;
  std::vector<Order> orders;
  std::vector<Tie> ties;
  std::vector<Filter> filters;
  // Whether the tenant, the fixed columns and the ties are the primary key of the table.
  bool ties_are_key = false;
  std::vector<Histogram> histograms = {};  // the smallest first
};

}  // namespace matricula::sql
