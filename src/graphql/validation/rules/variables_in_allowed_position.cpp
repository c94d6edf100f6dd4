#include <fmt/format.h>

#include "graphql/language/printer.h"
#include "graphql/validation/rules/rules.h"
#include "graphql/validation/type_relations.h"

namespace matricula::graphql::rules {

namespace {

// IsVariableUsageAllowed: a default, of the variable or of the place, stands in for null.
bool is_allowed(const Context& context, const VariableDefinition& definition,
                const VariableUsage& usage) {
  const bool has_default =
      definition.default_value != nullptr && definition.default_value->kind != ValueKind::kNull;
  return is_compatible(context.schema(), definition.type,
                       definition.type.non_null || has_default || usage.has_default, *usage.type);
}

bool is_known(const Context& context, const TypeReference& type) {
  return type.inner != nullptr ? is_known(context, *type.inner)
                               : context.schema().type(type.name.value) != nullptr;
}

}  // namespace

// GraphQL, section 5.8.5: a variable fits every place where it is used.
void variables_in_allowed_position(Context& context, const Definition& operation) {
  if (operation.variables.empty()) {
    return;
  }
  NameIndex names;
  std::vector<const VariableDefinition*> definitions;
  for (const VariableDefinition& definition : operation.variables) {
    const std::uint32_t number = names.add(definition.variable.value);
    definitions.resize(names.size());
    definitions[number] = &definition;
  }
  for (const VariableUsage& usage : context.recursive_usages(operation)) {
    const std::uint32_t number = names.find(usage.variable->text);
    if (number == NameIndex::kNone || usage.type == nullptr ||
        !is_known(context, definitions[number]->type)) {
      continue;
    }
    const VariableDefinition& definition = *definitions[number];
    if (!is_allowed(context, definition, usage)) {
      context.report(
          fmt::format(R"(Variable "${}" of type "{}" used in position expecting type "{}".)",
                      usage.variable->text, print(definition.type), type_text(*usage.type)),
          {definition.offset, usage.variable->offset});
    }
    const NamedType* const parent =
        usage.parent_type == nullptr ? nullptr : usage.parent_type->named;
    if (parent != nullptr && parent->is_one_of && !definition.type.non_null) {
      context.report(
          fmt::format(R"(Variable "${}" is of type "{}" but must be non-nullable to be used for )"
                      R"(OneOf Input Object "{}".)",
                      usage.variable->text, print(definition.type), parent->name),
          {definition.offset, usage.variable->offset});
    }
  }
}

}  // namespace matricula::graphql::rules
