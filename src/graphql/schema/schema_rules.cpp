#include "graphql/schema/schema_rules.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "graphql/schema/default_rules.h"

namespace matricula::graphql {

namespace {

// Whether `type` is a subtype of `expected`: GraphQL, section 3.7,
// IsValidImplementation.
bool is_subtype(const Type& type, const Type& expected) {
  if (&type == &expected) {
    return true;
  }
  if (expected.is_non_null()) {
    return type.is_non_null() && is_subtype(*type.inner, *expected.inner);
  }
  if (type.is_non_null()) {
    return is_subtype(*type.inner, expected);
  }
  if (expected.is_list() || type.is_list()) {
    return expected.is_list() && type.is_list() && is_subtype(*type.inner, *expected.inner);
  }
  const NamedType& narrow = *type.named;
  const NamedType& wide = *expected.named;
  const auto contains = [](const std::vector<const NamedType*>& types, const NamedType& one) {
    return std::find(types.begin(), types.end(), &one) != types.end();
  };
  return (wide.kind == TypeKind::kInterface && contains(narrow.interfaces, wide)) ||
         (wide.kind == TypeKind::kUnion && contains(wide.possible_types, narrow));
}

class SchemaChecker {
 public:
  explicit SchemaChecker(const Schema& schema) : schema_(schema) {}

  std::vector<std::string> run() {
    check_roots();
    for (const DirectiveType& directive : schema_.directives()) {
      const std::string owner = fmt::format("@{}", directive.name);
      check_name(directive.name);
      check_arguments(owner, directive.arguments);
    }
    for (const NamedType* const type : schema_.types()) {
      check_type(*type);
    }
    return std::move(problems_);
  }

 private:
  template <typename... Arguments>
  void report(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    problems_.push_back(fmt::format(format, std::forward<Arguments>(arguments)...));
  }

  void check_roots() {
    if (schema_.query() == nullptr) {
      report("Query root type must be provided.");
    }
    std::set<const NamedType*> seen;
    for (const NamedType* const root :
         {schema_.query(), schema_.mutation(), schema_.subscription()}) {
      if (root == nullptr) {
        continue;
      }
      if (root->kind != TypeKind::kObject) {
        report("A root type must be Object type, it cannot be {}.", root->name);
      }
      if (!seen.insert(root).second) {
        report("All root types must be different, \"{}\" type is used for several.", root->name);
      }
    }
  }

  void check_name(std::string_view name) {
    if (name.starts_with("__")) {
      report("Name \"{}\" must not begin with \"__\", which is reserved by GraphQL introspection.",
             name);
    }
  }

  void check_type(const NamedType& type) {
    if (!is_introspection_name(type.name)) {
      check_name(type.name);
    }
    switch (type.kind) {
      case TypeKind::kScalar:
        return;
      case TypeKind::kObject:
      case TypeKind::kInterface:
        check_fields(type);
        check_interfaces(type);
        return;
      case TypeKind::kUnion:
        check_members(type);
        return;
      case TypeKind::kEnum:
        check_enum_values(type);
        return;
      case TypeKind::kInputObject:
        check_input_fields(type);
        return;
    }
  }

  static bool is_introspection_name(std::string_view name) {
    static constexpr std::string_view kNames[] = {"__Schema",   "__Directive",        "__Type",
                                                  "__Field",    "__InputValue",       "__EnumValue",
                                                  "__TypeKind", "__DirectiveLocation"};
    return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
  }

  void check_fields(const NamedType& type) {
    if (type.fields.empty()) {
      report("Type {} must define one or more fields.", type.name);
    }
    for (const Field& field : type.fields) {
      const std::string coordinate = fmt::format("{}.{}", type.name, field.name);
      check_name(field.name);
      if (field.type->innermost().kind == TypeKind::kInputObject) {
        report("The type of {} must be Output Type but got: {}.", coordinate,
               type_text(*field.type));
      }
      check_arguments(coordinate, field.arguments);
    }
  }

  void check_arguments(const std::string& owner, const std::vector<InputValue>& arguments) {
    for (const InputValue& argument : arguments) {
      const std::string coordinate = fmt::format("{}({}:)", owner, argument.name);
      check_input(coordinate, "argument", argument);
    }
  }

  void check_input(const std::string& coordinate, std::string_view what, const InputValue& input) {
    check_name(input.name);
    if (!input.type->innermost().is_input()) {
      report("The type of {} must be Input Type but got: {}.", coordinate, type_text(*input.type));
      return;
    }
    if (input.is_required() && input.deprecation_reason) {
      report("Required {} {} cannot be deprecated.", what, coordinate);
    }
  }

  void check_interfaces(const NamedType& type) {
    std::set<const NamedType*> seen;
    for (const NamedType* const interface : type.interfaces) {
      if (interface->kind != TypeKind::kInterface) {
        report("Type {} must only implement Interface types, it cannot implement {}.", type.name,
               interface->name);
      } else if (interface == &type) {
        report("Type {} cannot implement itself because it would create a circular reference.",
               type.name);
      } else if (!seen.insert(interface).second) {
        report("Type {} can only implement {} once.", type.name, interface->name);
      } else {
        check_ancestors(type, *interface);
        check_implementation(type, *interface);
      }
    }
  }

  void check_ancestors(const NamedType& type, const NamedType& interface) {
    for (const NamedType* const ancestor : interface.interfaces) {
      if (std::find(type.interfaces.begin(), type.interfaces.end(), ancestor) !=
          type.interfaces.end()) {
        continue;
      }
      if (ancestor == &type) {
        report("Type {} cannot implement {} because it would create a circular reference.",
               type.name, interface.name);
      } else {
        report("Type {} must implement {} because it is implemented by {}.", type.name,
               ancestor->name, interface.name);
      }
    }
  }

  void check_implementation(const NamedType& type, const NamedType& interface) {
    for (const Field& promised : interface.fields) {
      const std::string coordinate = fmt::format("{}.{}", interface.name, promised.name);
      const Field* const field = type.field(promised.name);
      if (field == nullptr) {
        report("Interface field {} expected but {} does not provide it.", coordinate, type.name);
        continue;
      }
      if (!is_subtype(*field->type, *promised.type)) {
        report("Interface field {} expects type {} but {}.{} is type {}.", coordinate,
               type_text(*promised.type), type.name, field->name, type_text(*field->type));
      }
      check_implemented_arguments(fmt::format("{}.{}", type.name, field->name), *field, coordinate,
                                  promised);
    }
  }

  void check_implemented_arguments(const std::string& coordinate, const Field& field,
                                   const std::string& promised_coordinate, const Field& promised) {
    for (const InputValue& argument : promised.arguments) {
      const InputValue* const own = field.argument(argument.name);
      if (own == nullptr) {
        report("Interface field argument {}({}:) expected but {} does not provide it.",
               promised_coordinate, argument.name, coordinate);
      } else if (own->type != argument.type) {
        report("Interface field argument {}({}:) expects type {} but {}({}:) is type {}.",
               promised_coordinate, argument.name, type_text(*argument.type), coordinate, own->name,
               type_text(*own->type));
      }
    }
    for (const InputValue& own : field.arguments) {
      if (own.is_required() && promised.argument(own.name) == nullptr) {
        report(
            "Argument \"{}({}:)\" must not be required type \"{}\" if not provided by the "
            "Interface field \"{}\".",
            coordinate, own.name, type_text(*own.type), promised_coordinate);
      }
    }
  }

  void check_members(const NamedType& type) {
    if (type.possible_types.empty()) {
      report("Union type {} must define one or more member types.", type.name);
    }
    std::set<const NamedType*> seen;
    for (const NamedType* const member : type.possible_types) {
      if (!seen.insert(member).second) {
        report("Union type {} can only include type {} once.", type.name, member->name);
      } else if (member->kind != TypeKind::kObject) {
        report("Union type {} can only include Object types, it cannot include {}.", type.name,
               member->name);
      }
    }
  }

  void check_enum_values(const NamedType& type) {
    if (type.enum_values.empty()) {
      report("Enum type {} must define one or more values.", type.name);
    }
    for (const EnumValue& value : type.enum_values) {
      check_name(value.name);
    }
  }

  void check_input_fields(const NamedType& type) {
    if (type.input_fields.empty()) {
      report("Input Object type {} must define one or more fields.", type.name);
    }
    for (const InputValue& field : type.input_fields) {
      check_input(fmt::format("{}.{}", type.name, field.name), "input field", field);
      if (type.is_one_of && field.type->is_non_null()) {
        report("OneOf input field {}.{} must be nullable.", type.name, field.name);
      }
      if (type.is_one_of && field.default_value != nullptr) {
        report("OneOf input field {}.{} cannot have a default value.", type.name, field.name);
      }
    }
  }

  const Schema& schema_;
  std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> check_schema(const Schema& schema) {
  std::vector<std::string> problems = SchemaChecker(schema).run();
  return problems.empty() ? check_defaults(schema) : problems;
}

}  // namespace matricula::graphql
