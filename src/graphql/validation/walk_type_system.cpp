#include "graphql/language/words.h"
#include "graphql/validation/rules/rules.h"
#include "graphql/validation/walk.h"

namespace matricula::graphql {

void Walk::type_system_definition(const Definition& definition) {
  rules::unique_directives_per_location(context_, definition);
  for (const Name& interface : definition.interfaces) {
    rules::known_type_names(context_, interface, true);
  }
  // The arguments of a directive come before its directives, the fields of a type after.
  if (definition.kind == DefinitionKind::kDirective) {
    input_values(definition.input_fields, "ARGUMENT_DEFINITION");
  }
  directives(definition.directives, directive_location(definition.kind), {});
  if (definition.kind == DefinitionKind::kInputObject) {
    input_values(definition.input_fields, "INPUT_FIELD_DEFINITION");
  }
  for (const RootOperationType& root : definition.root_operations) {
    rules::known_type_names(context_, root.type, true);
  }
  for (const Name& member : definition.members) {
    rules::known_type_names(context_, member, true);
  }
  fields(definition.fields);
  for (const EnumValueDefinition& value : definition.enum_values) {
    rules::unique_directives_per_location(context_, value.directives);
    directives(value.directives, "ENUM_VALUE", {});
  }
}

void Walk::fields(std::span<const FieldDefinition> fields) {
  for (const FieldDefinition& field : fields) {
    rules::unique_directives_per_location(context_, field.directives);
    input_values(field.arguments, "ARGUMENT_DEFINITION");
    type_reference(field.type, true);
    directives(field.directives, "FIELD_DEFINITION", {});
  }
}

void Walk::input_values(std::span<const InputValueDefinition> values, std::string_view location) {
  for (const InputValueDefinition& definition : values) {
    rules::unique_directives_per_location(context_, definition.directives);
    type_reference(definition.type, true);
    if (definition.default_value != nullptr) {
      value(*definition.default_value, nullptr);
    }
    directives(definition.directives, location, {});
  }
}

}  // namespace matricula::graphql
