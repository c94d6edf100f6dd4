#include "graphql/language/printer.h"

#include <utility>

#include "graphql/language/print_text.h"
#include "graphql/language/words.h"

namespace matricula::graphql {

namespace printing {

namespace {

std::string selection_set(const SelectionSet& set);

Parts arguments(std::span<const Argument> items) {
  return each(items, [](const Argument& argument) {
    return std::string(argument.name.value) + ": " + print(argument.value);
  });
}

std::string selection(const Selection& selection) {
  const std::string set =
      selection.selection_set == nullptr ? "" : selection_set(*selection.selection_set);
  switch (selection.kind) {
    case SelectionKind::kField:
      return with_arguments(wrap("", selection.alias.value, ": ").append(selection.name.value),
                            arguments(selection.arguments)) +
             wrap(" ", directives(selection.directives)) + wrap(" ", set);
    case SelectionKind::kFragmentSpread:
      return wrap("...", selection.name.value) + wrap(" ", directives(selection.directives));
    case SelectionKind::kInlineFragment:
      return join({"...", wrap("on ", selection.type_condition.value),
                   directives(selection.directives), set},
                  " ");
  }
  return {};
}

std::string selection_set(const SelectionSet& set) {
  return block(each(set.selections, selection));
}

std::string variable_definition(const VariableDefinition& definition) {
  return wrap("", description(definition.description), "\n") +
         wrap("$", definition.variable.value, ": ") + print(definition.type) +
         wrap(" = ", definition.default_value == nullptr ? "" : print(*definition.default_value)) +
         wrap(" ", directives(definition.directives));
}

std::string operation(const Definition& definition, bool may_be_short) {
  const Parts variables = each(definition.variables, variable_definition);
  const std::string variable_list = has_lines(variables) ? wrap("(\n", join(variables, "\n"), "\n)")
                                                         : wrap("(", join(variables, ", "), ")");
  const std::string_view word = operation_word(definition.operation);
  const std::string prefix =
      wrap("", description(definition.description), "\n") +
      join({std::string(word), std::string(definition.name.value) + variable_list,
            directives(definition.directives)},
           " ");
  const std::string set = selection_set(*definition.selection_set);
  return prefix == "query" && may_be_short ? set : prefix + " " + set;
}

std::string fragment(const Definition& definition) {
  return wrap("", description(definition.description), "\n") +
         wrap("fragment ", definition.name.value) + wrap(" on ", definition.type_condition.value) +
         " " + wrap("", directives(definition.directives), " ") +
         selection_set(*definition.selection_set);
}

std::string definition_text(const Definition& definition, bool may_be_short) {
  switch (definition.kind) {
    case DefinitionKind::kOperation:
      return operation(definition, may_be_short);
    case DefinitionKind::kFragment:
      return fragment(definition);
    case DefinitionKind::kSchema:
    case DefinitionKind::kScalar:
    case DefinitionKind::kObject:
    case DefinitionKind::kInterface:
    case DefinitionKind::kUnion:
    case DefinitionKind::kEnum:
    case DefinitionKind::kInputObject:
    case DefinitionKind::kDirective:
      break;
  }
  return type_system_definition(definition);
}

// Whether a brace behind the definition would open its body. After such a one a query needs its
// word, which graphql-js leaves out.
bool lacks_body(const Definition& definition) {
  switch (definition.kind) {
    case DefinitionKind::kSchema:
      return definition.root_operations.empty();
    case DefinitionKind::kObject:
    case DefinitionKind::kInterface:
      return definition.fields.empty();
    case DefinitionKind::kEnum:
      return definition.enum_values.empty();
    case DefinitionKind::kInputObject:
      return definition.input_fields.empty();
    case DefinitionKind::kOperation:
    case DefinitionKind::kFragment:
    case DefinitionKind::kScalar:
    case DefinitionKind::kUnion:
    case DefinitionKind::kDirective:
      break;
  }
  return false;
}

std::string list_value(const Value& list) {
  const Parts items = each(list.items, [](const Value& item) { return print(item); });
  return 2 + joined_length(items, ", ") > kLineLengthMax
             ? wrap("[\n", indent(join(items, "\n")), "\n]")
             : "[" + join(items, ", ") + "]";
}

std::string object_value(const Value& object) {
  const Parts fields = each(object.fields, [](const ObjectField& field) {
    return std::string(field.name.value) + ": " + print(field.value);
  });
  return 4 + joined_length(fields, ", ") > kLineLengthMax ? block(fields)
                                                          : "{ " + join(fields, ", ") + " }";
}

}  // namespace

std::string description(const Description& text) {
  if (!text.present) {
    return {};
  }
  return text.block ? print_block_string(text.text) : print_string(text.text);
}

std::string directives(std::span<const Directive> items) {
  return join(each(items,
                   [](const Directive& directive) {
                     return wrap("@", directive.name.value) +
                            wrap("(", join(arguments(directive.arguments), ", "), ")");
                   }),
              " ");
}

}  // namespace printing

std::string print(const Value& value) {
  switch (value.kind) {
    case ValueKind::kVariable:
      return "$" + std::string(value.text);
    case ValueKind::kString:
      return value.block ? print_block_string(value.text) : print_string(value.text);
    case ValueKind::kList:
      return printing::list_value(value);
    case ValueKind::kObject:
      return printing::object_value(value);
    case ValueKind::kInt:
    case ValueKind::kFloat:
    case ValueKind::kBoolean:
    case ValueKind::kNull:
    case ValueKind::kEnum:
      break;
  }
  return std::string(value.text);
}

std::string print(const TypeReference& type) {
  const std::string text =
      type.inner == nullptr ? std::string(type.name.value) : "[" + print(*type.inner) + "]";
  return type.non_null ? text + "!" : text;
}

std::string print(const Document& document) {
  bool may_be_short = true;
  return printing::join(
      printing::each(document.definitions(),
                     [&](const Definition& definition) {
                       return printing::definition_text(
                           definition,
                           std::exchange(may_be_short, !printing::lacks_body(definition)));
                     }),
      "\n\n");
}

}  // namespace matricula::graphql
