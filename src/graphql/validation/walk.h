#pragma once

#include "graphql/validation/context.h"
#include "graphql/validation/rules/no_fragment_cycles.h"
#include "graphql/validation/rules/overlapping_fields_can_be_merged.h"

namespace matricula::graphql {

// Walks a document once and applies every rule at each node, in graphql-js's order: the nodes as
// they stand, and at each node the rules as its list of specified rules has them. Recursion is
// bounded by the nesting that the parser allows.
class Walk {
 public:
  explicit Walk(Context& context) : context_(context), cycles_(context), merging_(context) {}

  void document();

 private:
  // The field around a node: whose arguments those of an unknown directive are looked up in.
  struct Around {
    const NamedType* type = nullptr;  // without wrappers; of the enclosing selection set
    const Field* field = nullptr;
  };

  void operation(const Definition& operation);
  void fragment(const Definition& fragment);
  void variable(const VariableDefinition& variable);
  void selection_set(const SelectionSet& set, const Around& around, bool is_inline);
  void field(const Selection& selection, const NamedType* parent);
  void spread(const Selection& spread, const NamedType* parent, const Around& around);
  void inline_fragment(const Selection& fragment, const NamedType* parent, const Around& around);
  void directives(std::span<const Directive> directives, std::string_view location,
                  const Around& around);
  void value(const Value& value, const Type* type);
  void type_reference(const TypeReference& type, bool in_type_system);

  // Documents that define types are refused, but their directives and names are checked as well.
  void type_system_definition(const Definition& definition);
  void input_values(std::span<const InputValueDefinition> values, std::string_view location);
  void fields(std::span<const FieldDefinition> fields);

  Context& context_;
  rules::NoFragmentCycles cycles_;
  rules::OverlappingFieldsCanBeMerged merging_;
};

}  // namespace matricula::graphql
