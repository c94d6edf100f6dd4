#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "graphql/coercion/input.h"
#include "graphql/language/ast.h"
#include "graphql/language/diagnostic.h"
#include "graphql/schema/schema.h"

namespace matricula::graphql {

struct MetaField;

// What is selected of an introspection object, merged from all fields that select it. The fields
// are collected when the first such object is written, and then serve all others.
struct MetaSelection {
  MetaSelection();
  explicit MetaSelection(std::vector<const Selection*> merged);
  MetaSelection(MetaSelection&&) noexcept;
  MetaSelection& operator=(MetaSelection&&) noexcept;
  ~MetaSelection();

  std::vector<const Selection*> parents;
  bool collected = false;
  std::vector<MetaField> fields;
  std::optional<Diagnostic> refused;  // the error of each object that it is selected of
};

struct MetaField {
  std::string_view response_key;
  std::string_view name;
  bool include_deprecated = false;
  std::optional<Diagnostic> refused = {};  // the error of its arguments
  std::size_t writer = 0;   // which field of its object this is; known to who writes it
  bool is_non_null = true;  // known to who writes it
  MetaSelection selection = {};
};

// CollectFields (GraphQL, section 6.3.2) for introspection, whose types are all objects: a fragment
// in a valid document always applies. Work is bounded by `steps`: each selection visited costs one.
class MetaCollector {
 public:
  MetaCollector(const Document& document, const Variables& variables, std::size_t steps);

  // Fills selection.fields, for an object of the named type, unless that was done before, or
  // selection.refused where the argument of a directive is null. False when the steps end.
  bool collect(MetaSelection& selection, std::string_view type_name);
  // The string in force for an argument such as <meta>.__type(name:), which must not be null.
  tl::expected<std::string_view, Diagnostic> string_argument(const Argument& argument,
                                                             std::string_view coordinate) const;

  // False, with the error set, when fewer steps are left.
  bool spend(std::size_t steps);
  bool failed() const { return error_.has_value(); }
  void fail(Diagnostic error);
  const std::optional<Diagnostic>& error() const { return error_; }

 private:
  struct Visit {
    MetaSelection& selection;
    std::string_view type_name;
    std::set<const Definition*> fragments;
  };

  // These return false where there is nothing more to collect.
  bool collect_set(const SelectionSet& set, Visit& visit);
  bool collect_spread(const Selection& spread, Visit& visit);
  void collect_field(const Selection& field, Visit& visit) const;
  // Whether @skip and @include let the selection stand.
  tl::expected<bool, Diagnostic> is_included(const Selection& selection) const;
  tl::expected<bool, Diagnostic> boolean_argument(const Argument& argument,
                                                  std::string_view coordinate) const;
  // The value of a variable; null where it is absent.
  const Input* variable(const Value& value) const;
  Diagnostic null_error(const Value& variable, std::string_view coordinate,
                        std::string_view type) const;

  const Document& document_;
  const Variables& variables_;
  std::map<std::string_view, const Definition*> fragments_;
  std::size_t steps_;
  std::size_t steps_left_;
  std::optional<Diagnostic> error_;
};

}  // namespace matricula::graphql
