#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

// The plain in-memory model that pages of the server are compared with: a list is a vector, an
// order a sort, a filter a predicate, a page what the contract's words cut out of it.
namespace matricula::cases {

// Null sorts as the smallest value. Times are microseconds.
using ModelValue = std::variant<std::monostate, std::int64_t, double, std::string>;

struct ModelRow {
  std::string company;
  std::map<std::string, ModelValue> fields;  // by names of the model's own
  std::string name;                          // what tells the row apart in an answer
};

enum class Literal { kString, kEnum, kTime, kNumber };
enum class ModelFilterKind { kAnyOf, kHalfOpen, kClosed };

struct ModelFilter {
  std::string input;  // in the schema's filter
  std::string field;
  ModelFilterKind kind = ModelFilterKind::kAnyOf;
  Literal literal = Literal::kString;
  std::vector<ModelValue> choices;  // what to ask for; some match nothing
  bool lower_case = false;
};

struct ModelOrder {
  std::string name;
  std::string field;
};

struct ModelList {
  std::string endpoint;
  std::string root;         // the field of Query
  std::string fixed_input;  // such as `planId: "lp1"`
  std::string node;         // the selection whose values, joined by "/", are a row's name
  std::vector<std::string> companies;
  std::vector<ModelOrder> orders;
  std::vector<std::string> ties;  // fields
  std::vector<ModelFilter> filters;
  std::vector<ModelRow> rows;
  // Free text: what it looks into, by row; empty where the list has none.
  std::function<std::string(const ModelRow&)> search_text = {};
  std::vector<std::string> needles = {};
};

using ModelPredicate = std::function<bool(const ModelRow&)>;

// A narrowing as GraphQL input text ("filter: {...}, query: ...", empty for none) and as predicate.
struct ModelNarrowing {
  std::string input;
  ModelPredicate keeps;
};

struct ModelOrdering {
  const ModelList* list = nullptr;
  const ModelOrder* order = nullptr;
  bool descending = false;
  bool precedes(const ModelRow& a, const ModelRow& b) const;
};

struct ModelPage {
  std::vector<std::string> names;
  bool has_next = false;
  bool has_previous = false;
  std::size_t total = 0;
};

using Pick = std::function<std::size_t(std::size_t bound)>;

// Some filters at once, or none.
ModelNarrowing random_narrowing(const ModelList& list, const Pick& pick);

// The company's rows that `keeps` keeps, in order.
std::vector<ModelRow> sorted_rows(const ModelOrdering& ordering, const std::string& company,
                                  const ModelPredicate& keeps);

// Bounds cut the whole list, then one end is taken (http.md, "Paging").
ModelPage page_of(const ModelOrdering& ordering, const std::vector<ModelRow>& rows,
                  const ModelRow* after, const ModelRow* before, std::size_t size, bool from_end);

}  // namespace matricula::cases
