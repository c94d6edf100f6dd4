#include "graphql/validation/usages.h"

#include <algorithm>

namespace matricula::graphql {

namespace {

const NamedType* output_type(const NamedType* type) {
  return type != nullptr && type->kind != TypeKind::kInputObject ? type : nullptr;
}

class Collector {
 public:
  explicit Collector(const Schema& schema) : schema_(schema) {}

  std::vector<VariableUsage> take(const Definition& definition) {
    directives(definition.directives, nullptr);
    const NamedType* const type = definition.kind == DefinitionKind::kOperation
                                      ? schema_.root(definition.operation)
                                      : fragment_type(schema_, definition);
    selection_set(*definition.selection_set, type, nullptr);
    return std::move(usages_);
  }

 private:
  void selection_set(const SelectionSet& set, const NamedType* type, const Field* around) {
    const NamedType* const parent = type != nullptr && type->is_composite() ? type : nullptr;
    for (const Selection& selection : set.selections) {
      switch (selection.kind) {
        case SelectionKind::kField:
          field(selection, parent);
          break;
        case SelectionKind::kFragmentSpread:
          directives(selection.directives, around);
          break;
        case SelectionKind::kInlineFragment:
          directives(selection.directives, around);
          selection_set(*selection.selection_set, inline_fragment_type(schema_, selection, type),
                        around);
          break;
      }
    }
  }

  void field(const Selection& selection, const NamedType* parent) {
    const Field* const definition =
        parent == nullptr ? nullptr : schema_.field(*parent, selection.name.value);
    if (definition == nullptr) {
      arguments(selection.arguments, {});
    } else {
      arguments(selection.arguments, definition->arguments);
    }
    directives(selection.directives, definition);
    if (selection.selection_set != nullptr) {
      selection_set(*selection.selection_set,
                    definition == nullptr ? nullptr : &definition->type->innermost(), definition);
    }
  }

  void directives(std::span<const Directive> directives, const Field* around) {
    for (const Directive& directive : directives) {
      arguments(directive.arguments, directive_arguments(schema_, directive, around));
    }
  }

  void arguments(std::span<const Argument> written, std::span<const InputValue> definitions) {
    for (const Argument& argument : written) {
      const InputValue* const definition = find_argument(definitions, argument.name.value);
      value(argument.value, definition == nullptr ? nullptr : definition->type, nullptr,
            definition != nullptr && definition->default_value != nullptr);
    }
  }

  void value(const Value& value, const Type* type, const Type* parent, bool has_default) {
    switch (value.kind) {
      case ValueKind::kVariable:
        usages_.push_back(
            {.variable = &value, .type = type, .parent_type = parent, .has_default = has_default});
        break;
      case ValueKind::kList: {
        const Type* const list = type == nullptr ? nullptr : &type->nullable();
        for (const Value& item : value.items) {
          this->value(item, list != nullptr && list->is_list() ? list->inner : nullptr, type,
                      false);
        }
        break;
      }
      case ValueKind::kObject: {
        const NamedType* const object = type == nullptr ? nullptr : &type->innermost();
        for (const ObjectField& field : value.fields) {
          const InputValue* const definition =
              object == nullptr ? nullptr : object->input_field(field.name.value);
          this->value(field.value, definition == nullptr ? nullptr : definition->type, type,
                      definition != nullptr && definition->default_value != nullptr);
        }
        break;
      }
      case ValueKind::kInt:
      case ValueKind::kFloat:
      case ValueKind::kString:
      case ValueKind::kBoolean:
      case ValueKind::kNull:
      case ValueKind::kEnum:
        break;
    }
  }

  const Schema& schema_;
  std::vector<VariableUsage> usages_;
};

}  // namespace

const InputValue* find_argument(std::span<const InputValue> arguments, std::string_view name) {
  const auto found =
      std::find_if(arguments.begin(), arguments.end(),
                   [&](const InputValue& argument) { return argument.name == name; });
  return found == arguments.end() ? nullptr : &*found;
}

std::span<const InputValue> directive_arguments(const Schema& schema, const Directive& directive,
                                                const Field* around) {
  if (const DirectiveType* const type = schema.directive(directive.name.value)) {
    return type->arguments;
  }
  if (around != nullptr) {
    return around->arguments;
  }
  return {};
}

const NamedType* inline_fragment_type(const Schema& schema, const Selection& inline_fragment,
                                      const NamedType* around) {
  const Name& condition = inline_fragment.type_condition;
  return output_type(condition.value.empty() ? around : schema.type(condition.value));
}

const NamedType* fragment_type(const Schema& schema, const Definition& fragment) {
  return output_type(schema.type(fragment.type_condition.value));
}

std::vector<VariableUsage> find_variable_usages(const Schema& schema,
                                                const Definition& definition) {
  return Collector(schema).take(definition);
}

}  // namespace matricula::graphql
