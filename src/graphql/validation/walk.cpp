#include "graphql/validation/walk.h"

#include "graphql/validation/rules/rules.h"
#include "graphql/validation/usages.h"

namespace matricula::graphql {

namespace {

std::string_view location_of(OperationType operation) {
  switch (operation) {
    case OperationType::kQuery:
      return "QUERY";
    case OperationType::kMutation:
      return "MUTATION";
    case OperationType::kSubscription:
      return "SUBSCRIPTION";
  }
  return {};
}

}  // namespace

void Walk::document() {
  rules::executable_definitions(context_);
  for (const Definition& definition : context_.document().definitions()) {
    if (context_.is_stopped()) {
      return;
    }
    switch (definition.kind) {
      case DefinitionKind::kOperation:
        operation(definition);
        break;
      case DefinitionKind::kFragment:
        fragment(definition);
        break;
      case DefinitionKind::kSchema:
      case DefinitionKind::kScalar:
      case DefinitionKind::kObject:
      case DefinitionKind::kInterface:
      case DefinitionKind::kUnion:
      case DefinitionKind::kEnum:
      case DefinitionKind::kInputObject:
      case DefinitionKind::kDirective:
        type_system_definition(definition);
        break;
    }
  }
  rules::no_unused_fragments(context_);
}

void Walk::operation(const Definition& operation) {
  rules::known_operation_types(context_, operation);
  rules::unique_operation_names(context_, operation);
  rules::lone_anonymous_operation(context_, operation);
  rules::single_field_subscriptions(context_, operation);
  rules::unique_variable_names(context_, operation);
  rules::no_undefined_variables(context_, operation);
  rules::no_unused_variables(context_, operation);
  rules::unique_directives_per_location(context_, operation.directives);
  for (const VariableDefinition& definition : operation.variables) {
    variable(definition);
  }
  const Around around{.type = context_.schema().root(operation.operation)};
  directives(operation.directives, location_of(operation.operation), around);
  selection_set(*operation.selection_set, around, false);
  rules::variables_in_allowed_position(context_, operation);
}

void Walk::fragment(const Definition& fragment) {
  rules::fragments_on_composite_types(context_, fragment);
  rules::unique_fragment_names(context_, fragment);
  cycles_.enter(fragment);
  rules::unique_directives_per_location(context_, fragment.directives);
  rules::known_type_names(context_, fragment.type_condition, false);
  const Around around{.type = fragment_type(context_.schema(), fragment)};
  directives(fragment.directives, "FRAGMENT_DEFINITION", around);
  selection_set(*fragment.selection_set, around, false);
}

void Walk::variable(const VariableDefinition& variable) {
  rules::variables_are_input_types(context_, variable);
  rules::unique_directives_per_location(context_, variable.directives);
  type_reference(variable.type, false);
  if (variable.default_value != nullptr) {
    const Type* const type = context_.schema().resolve(variable.type);
    value(*variable.default_value,
          type != nullptr && type->innermost().is_input() ? type : nullptr);
  }
  directives(variable.directives, "VARIABLE_DEFINITION", {});
}

void Walk::selection_set(const SelectionSet& set, const Around& around, bool is_inline) {
  const NamedType* const parent =
      around.type != nullptr && around.type->is_composite() ? around.type : nullptr;
  if (!is_inline) {
    merging_.enter(set, parent);
  }
  for (const Selection& selection : set.selections) {
    if (context_.is_stopped()) {
      return;
    }
    switch (selection.kind) {
      case SelectionKind::kField:
        field(selection, parent);
        break;
      case SelectionKind::kFragmentSpread:
        spread(selection, parent, around);
        break;
      case SelectionKind::kInlineFragment:
        inline_fragment(selection, parent, around);
        break;
    }
  }
}

void Walk::field(const Selection& selection, const NamedType* parent) {
  const Field* const field =
      parent == nullptr ? nullptr : context_.schema().field(*parent, selection.name.value);
  rules::scalar_leafs(context_, selection, field);
  rules::fields_on_correct_type(context_, selection, parent, field);
  rules::unique_directives_per_location(context_, selection.directives);
  rules::unique_argument_names(context_, selection.arguments);
  for (const Argument& argument : selection.arguments) {
    const InputValue* const definition =
        field == nullptr ? nullptr : field->argument(argument.name.value);
    rules::known_argument_names(context_, argument, definition, parent, field);
    value(argument.value, definition == nullptr ? nullptr : definition->type);
  }
  const Around inner{.type = field == nullptr ? nullptr : &field->type->innermost(),
                     .field = field};
  directives(selection.directives, "FIELD", inner);
  if (selection.selection_set != nullptr) {
    selection_set(*selection.selection_set, inner, false);
  }
  rules::provided_required_arguments(context_, selection, parent, field);
}

void Walk::spread(const Selection& spread, const NamedType* parent, const Around& around) {
  rules::known_fragment_names(context_, spread);
  if (const Definition* const fragment = context_.fragment(spread.name.value)) {
    rules::possible_fragment_spreads(context_, spread, parent,
                                     fragment_type(context_.schema(), *fragment));
  }
  rules::unique_directives_per_location(context_, spread.directives);
  directives(spread.directives, "FRAGMENT_SPREAD", around);
}

void Walk::inline_fragment(const Selection& fragment, const NamedType* parent,
                           const Around& around) {
  Around inner = around;
  inner.type = inline_fragment_type(context_.schema(), fragment, around.type);
  rules::fragments_on_composite_types(context_, fragment);
  rules::possible_fragment_spreads(context_, fragment, parent, inner.type);
  rules::unique_directives_per_location(context_, fragment.directives);
  if (!fragment.type_condition.value.empty()) {
    rules::known_type_names(context_, fragment.type_condition, false);
  }
  directives(fragment.directives, "INLINE_FRAGMENT", around);
  selection_set(*fragment.selection_set, inner, true);
}

void Walk::directives(std::span<const Directive> directives, std::string_view location,
                      const Around& around) {
  for (const Directive& directive : directives) {
    rules::known_directives(context_, directive, location);
    rules::known_argument_names(context_, directive);
    rules::unique_argument_names(context_, directive.arguments);
    const auto definitions = directive_arguments(context_.schema(), directive, around.field);
    for (const Argument& argument : directive.arguments) {
      const InputValue* const definition = find_argument(definitions, argument.name.value);
      value(argument.value, definition == nullptr ? nullptr : definition->type);
    }
    rules::provided_required_arguments(context_, directive);
  }
}

void Walk::value(const Value& value, const Type* type) {
  rules::values_of_correct_type(context_, value, type);
  rules::unique_input_field_names(context_, value);
}

void Walk::type_reference(const TypeReference& type, bool in_type_system) {
  const TypeReference* innermost = &type;
  while (innermost->inner != nullptr) {
    innermost = innermost->inner;
  }
  rules::known_type_names(context_, innermost->name, in_type_system);
}

}  // namespace matricula::graphql
