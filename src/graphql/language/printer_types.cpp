// Type system definitions and extensions as text.
#include "graphql/language/print_text.h"
#include "graphql/language/printer.h"

namespace matricula::graphql::printing {

namespace {

std::string name(const Name& name) {
  return std::string(name.value);
}

std::string input_value(const InputValueDefinition& input) {
  return wrap("", description(input.description), "\n") + name(input.name) + ": " +
         print(input.type) +
         wrap(" = ", input.default_value == nullptr ? "" : print(*input.default_value)) +
         wrap(" ", directives(input.directives));
}

std::string argument_definitions(std::span<const InputValueDefinition> arguments) {
  const Parts parts = each(arguments, input_value);
  return has_lines(parts) ? wrap("(\n", indent(join(parts, "\n")), "\n)")
                          : wrap("(", join(parts, ", "), ")");
}

std::string field(const FieldDefinition& field) {
  return wrap("", description(field.description), "\n") + name(field.name) +
         argument_definitions(field.arguments) + ": " + print(field.type) +
         wrap(" ", directives(field.directives));
}

std::string enum_value(const EnumValueDefinition& value) {
  return wrap("", description(value.description), "\n") +
         join({name(value.name), directives(value.directives)}, " ");
}

std::string root_operation(const RootOperationType& root) {
  const std::string_view word = root.operation == OperationType::kQuery      ? "query"
                                : root.operation == OperationType::kMutation ? "mutation"
                                                                             : "subscription";
  return std::string(word) + ": " + name(root.type);
}

std::string directive_definition(const Definition& definition) {
  if (definition.extension) {
    return join({"directive @" + name(definition.name), directives(definition.directives)}, " ");
  }
  return "directive @" + name(definition.name) + argument_definitions(definition.input_fields) +
         wrap(" ", directives(definition.directives)) +
         (definition.repeatable ? " repeatable" : "") + " on " +
         join(each(definition.locations, name), " | ");
}

// From the keyword on, without a description.
std::string body(const Definition& definition) {
  const std::string of_type = directives(definition.directives);
  const std::string interfaces =
      wrap("implements ", join(each(definition.interfaces, name), " & "));
  switch (definition.kind) {
    case DefinitionKind::kSchema:
      return join({"schema", of_type, block(each(definition.root_operations, root_operation))},
                  " ");
    case DefinitionKind::kScalar:
      return join({"scalar", name(definition.name), of_type}, " ");
    case DefinitionKind::kObject:
      return join({"type", name(definition.name), interfaces, of_type,
                   block(each(definition.fields, field))},
                  " ");
    case DefinitionKind::kInterface:
      return join({"interface", name(definition.name), interfaces, of_type,
                   block(each(definition.fields, field))},
                  " ");
    case DefinitionKind::kUnion:
      return join({"union", name(definition.name), of_type,
                   wrap("= ", join(each(definition.members, name), " | "))},
                  " ");
    case DefinitionKind::kEnum:
      return join(
          {"enum", name(definition.name), of_type, block(each(definition.enum_values, enum_value))},
          " ");
    case DefinitionKind::kInputObject:
      return join({"input", name(definition.name), of_type,
                   block(each(definition.input_fields, input_value))},
                  " ");
    case DefinitionKind::kDirective:
      return directive_definition(definition);
    case DefinitionKind::kOperation:
    case DefinitionKind::kFragment:
      break;
  }
  return {};
}

}  // namespace

std::string type_system_definition(const Definition& definition) {
  return wrap("", description(definition.description), "\n") +
         (definition.extension ? "extend " : "") + body(definition);
}

}  // namespace matricula::graphql::printing
