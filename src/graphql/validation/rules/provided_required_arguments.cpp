#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "graphql/language/printer.h"
#include "graphql/validation/rules/rules.h"
#include "graphql/validation/type_relations.h"

namespace matricula::graphql::rules {

namespace {

bool is_provided(std::span<const Argument> arguments, std::string_view name) {
  return std::any_of(arguments.begin(), arguments.end(),
                     [&](const Argument& argument) { return argument.name.value == name; });
}

void report(Context& context, const Directive& directive, std::string_view argument,
            std::string_view type) {
  context.report(
      fmt::format(
          R"text(Argument "@{}({}:)" of type "{}" is required, but it was not provided.)text",
          directive.name.value, argument, type),
      {directive.offset});
}

// Those of a directive that the document defines; of those with one name the last, as graphql-js.
std::vector<const InputValueDefinition*> required_arguments(const Definition& directive) {
  NameIndex names;
  std::vector<const InputValueDefinition*> required;
  for (const InputValueDefinition& argument : directive.input_fields) {
    if (argument.type.non_null && argument.default_value == nullptr) {
      const std::uint32_t number = names.add(argument.name.value);
      required.resize(names.size());
      required[number] = &argument;
    }
  }
  return required;
}

}  // namespace

// GraphQL, section 5.4.3: arguments that need a value are given.
void provided_required_arguments(Context& context, const Selection& selection,
                                 const NamedType* parent, const Field* field) {
  if (field == nullptr) {
    return;
  }
  for (const InputValue& argument : field->arguments) {
    if (argument.is_required() && !is_provided(selection.arguments, argument.name)) {
      context.report(
          fmt::format(
              R"text(Argument "{}({}:)" of type "{}" is required, but it was not provided.)text",
              field_coordinate(*parent, *field), argument.name, type_text(*argument.type)),
          {selection.offset});
    }
  }
}

void provided_required_arguments(Context& context, const Directive& directive) {
  if (const Definition* const defined = defined_directive(context, directive.name.value)) {
    for (const InputValueDefinition* const argument : required_arguments(*defined)) {
      if (!is_provided(directive.arguments, argument->name.value)) {
        report(context, directive, argument->name.value, print(argument->type));
      }
    }
  } else if (const DirectiveType* const type = context.schema().directive(directive.name.value)) {
    for (const InputValue& argument : type->arguments) {
      if (argument.is_required() && !is_provided(directive.arguments, argument.name)) {
        report(context, directive, argument.name, type_text(*argument.type));
      }
    }
  }
}

}  // namespace matricula::graphql::rules
