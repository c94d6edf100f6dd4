#include "graphql/schema/schema_printer.h"

#include <algorithm>

#include "graphql/language/print_text.h"
#include "graphql/language/printer.h"

namespace matricula::graphql {

namespace {

using printing::join;
using printing::Parts;
using printing::wrap;

using Text = std::optional<std::string_view>;

constexpr std::string_view kDefaultReason = "No longer supported";

// With the line end behind it. Within a block, an empty line separates it from what is above.
std::string description(const Text& text, const std::string& indentation = {},
                        bool first_in_block = true) {
  if (!text) {
    return {};
  }
  std::string lines =
      is_printable_as_block_string(*text) ? print_block_string(*text) : print_string(*text);
  for (std::size_t i = 0; (i = lines.find('\n', i)) != std::string::npos;) {
    lines.insert(++i, indentation);
  }
  return (indentation.empty() || first_in_block ? "" : "\n") + indentation + lines + "\n";
}

std::string deprecated(const Text& reason) {
  if (!reason) {
    return {};
  }
  return *reason == kDefaultReason ? " @deprecated"
                                   : " @deprecated(reason: " + print_string(*reason) + ")";
}

std::string input_value(const InputValue& input) {
  return std::string(input.name) + ": " + type_text(*input.type) +
         wrap(" = ", input.default_value == nullptr ? "" : print(*input.default_value)) +
         deprecated(input.deprecation_reason);
}

std::string arguments(const std::vector<InputValue>& inputs, const std::string& indentation = {}) {
  if (inputs.empty()) {
    return {};
  }
  if (std::none_of(inputs.begin(), inputs.end(),
                   [](const InputValue& input) { return input.description.has_value(); })) {
    return "(" + join(printing::each(inputs, input_value), ", ") + ")";
  }
  std::string text = "(\n";
  for (const InputValue& input : inputs) {
    text += description(input.description, "  " + indentation, &input == &inputs.front());
    text += "  " + indentation + input_value(input) + "\n";
  }
  return text + indentation + ")";
}

// ` { ... }` with a line or more for each item; empty when there is none.
template <typename Item, typename Print>
std::string block(const std::vector<Item>& items, const Print& print_item) {
  std::string text;
  for (const Item& item : items) {
    text += description(item.description, "  ", &item == &items.front());
    text += "  " + print_item(item) + "\n";
  }
  return wrap(" {\n", text, "}");
}

std::string field(const Field& field, const std::string& indentation) {
  return std::string(field.name) + arguments(field.arguments, indentation) + ": " +
         type_text(*field.type) + deprecated(field.deprecation_reason);
}

std::string fields(const NamedType& type) {
  return block(type.fields, [](const Field& one) { return field(one, "  "); });
}

std::string enum_value(const EnumValue& value) {
  return std::string(value.name) + deprecated(value.deprecation_reason);
}

std::string names(const std::vector<const NamedType*>& types, std::string_view separator) {
  return join(printing::each(types, [](const NamedType* type) { return std::string(type->name); }),
              separator);
}

std::string type(const NamedType& type) {
  const std::string name(type.name);
  const std::string interfaces = wrap(" implements ", names(type.interfaces, " & "));
  switch (type.kind) {
    case TypeKind::kScalar:
      return "scalar " + name +
             (type.specified_by_url
                  ? " @specifiedBy(url: " + print_string(*type.specified_by_url) + ")"
                  : "");
    case TypeKind::kObject:
      return "type " + name + interfaces + fields(type);
    case TypeKind::kInterface:
      return "interface " + name + interfaces + fields(type);
    case TypeKind::kUnion:
      return "union " + name + wrap(" = ", names(type.possible_types, " | "));
    case TypeKind::kEnum:
      return "enum " + name + block(type.enum_values, enum_value);
    case TypeKind::kInputObject:
      return "input " + name + (type.is_one_of ? " @oneOf" : "") +
             block(type.input_fields, input_value);
  }
  return {};
}

std::string directive(const DirectiveType& directive) {
  std::string text = "directive @" + std::string(directive.name) + arguments(directive.arguments) +
                     deprecated(directive.deprecation_reason) +
                     (directive.repeatable ? " repeatable" : "") + " on ";
  for (const std::string_view location : directive.locations) {
    text.append(location == directive.locations.front() ? "" : " | ").append(location);
  }
  return text;
}

// Empty where the names of the root types say it all.
std::string schema_definition(const Schema& schema) {
  const bool is_default = schema.query() == schema.type("Query") &&
                          schema.mutation() == schema.type("Mutation") &&
                          schema.subscription() == schema.type("Subscription");
  if (is_default && !schema.description()) {
    return {};
  }
  const auto root = [](std::string_view word, const NamedType* root_type) {
    return root_type == nullptr ? "" : wrap(word, root_type->name, "\n");
  };
  return description(schema.description()) + "schema {\n" + root("  query: ", schema.query()) +
         root("  mutation: ", schema.mutation()) + root("  subscription: ", schema.subscription()) +
         "}";
}

bool is_builtin_directive(std::string_view name) {
  return name == "include" || name == "skip" || name == "deprecated" || name == "specifiedBy" ||
         name == "oneOf";
}

bool is_builtin_type(const NamedType& type) {
  return type.name.starts_with("__") ||
         (type.scalar != ScalarKind::kOther && type.scalar != ScalarKind::kTime &&
          type.scalar != ScalarKind::kDuration);
}

struct ElementPrinter {
  std::string operator()(const NamedType* one) const { return type(*one); }
  std::string operator()(const Field* one) const { return field(*one, {}); }
  std::string operator()(const InputValue* one) const { return input_value(*one); }
  std::string operator()(const EnumValue* one) const { return enum_value(*one); }
  std::string operator()(const DirectiveType* one) const { return directive(*one); }
};

}  // namespace

std::string print_element(const SchemaElement& element) {
  return std::visit([](const auto* one) { return description(one->description); }, element) +
         std::visit(ElementPrinter{}, element);
}

std::string print_schema(const Schema& schema) {
  Parts parts{schema_definition(schema)};
  for (const DirectiveType& one : schema.directives()) {
    if (!is_builtin_directive(one.name)) {
      parts.push_back(description(one.description) + directive(one));
    }
  }
  for (const NamedType* const one : schema.types()) {
    if (!is_builtin_type(*one)) {
      parts.push_back(description(one->description) + type(*one));
    }
  }
  return join(parts, "\n\n");
}

}  // namespace matricula::graphql
