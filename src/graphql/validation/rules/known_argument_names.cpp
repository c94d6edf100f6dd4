#include <algorithm>
#include <fmt/format.h>

#include "graphql/coercion/suggestions.h"
#include "graphql/validation/rules/rules.h"

namespace matricula::graphql::rules {

std::string field_coordinate(const NamedType& parent, const Field& field) {
  const bool is_meta = parent.field(field.name) != &field;
  return fmt::format("{}.{}", is_meta ? std::string_view("<meta>") : parent.name, field.name);
}

// GraphQL, section 5.4.1: the field has the argument.
void known_argument_names(Context& context, const Argument& argument, const InputValue* definition,
                          const NamedType* parent, const Field* field) {
  if (definition != nullptr || field == nullptr) {
    return;
  }
  const std::string_view name = argument.name.value;
  context.report(fmt::format(R"(Unknown argument "{}" on field "{}".{})", name,
                             field_coordinate(*parent, *field),
                             context.suggest(name, names_of(field->arguments))),
                 {argument.name.offset});
}

// The same for a directive.
void known_argument_names(Context& context, const Directive& directive) {
  std::vector<std::string_view> known;
  if (const Definition* const defined = defined_directive(context, directive.name.value)) {
    for (const InputValueDefinition& argument : defined->input_fields) {
      known.push_back(argument.name.value);
    }
  } else if (const DirectiveType* const type = context.schema().directive(directive.name.value)) {
    known = names_of(type->arguments);
  } else {
    return;
  }
  for (const Argument& argument : directive.arguments) {
    const std::string_view name = argument.name.value;
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      context.report(fmt::format(R"(Unknown argument "{}" on directive "@{}".{})", name,
                                 directive.name.value, context.suggest(name, known)),
                     {argument.name.offset});
    }
  }
}

}  // namespace matricula::graphql::rules
