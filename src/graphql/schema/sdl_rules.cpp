#include "graphql/schema/sdl_rules.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

#include "graphql/language/words.h"
#include "graphql/schema/builtin.h"

namespace matricula::graphql {

namespace {

std::string_view kind_name(DefinitionKind kind) {
  switch (kind) {
    case DefinitionKind::kScalar:
      return "scalar";
    case DefinitionKind::kObject:
      return "object";
    case DefinitionKind::kInterface:
      return "interface";
    case DefinitionKind::kUnion:
      return "union";
    case DefinitionKind::kEnum:
      return "enum";
    case DefinitionKind::kInputObject:
      return "input object";
    case DefinitionKind::kOperation:
    case DefinitionKind::kFragment:
    case DefinitionKind::kSchema:
    case DefinitionKind::kDirective:
      break;
  }
  return {};
}

bool is_type(const Definition& definition) {
  return !kind_name(definition.kind).empty();
}

class SdlChecker {
 public:
  SdlChecker(const Document& sdl, const Document& builtin) : sdl_(sdl) {
    index(sdl);
    index(builtin);
  }

  std::vector<std::string> run() {
    check_uniqueness();
    for (const Definition& definition : sdl_.definitions()) {
      if (definition.is_executable()) {
        report(definition.offset, "Only type system definitions make a schema.");
      } else {
        check_definition(definition);
      }
    }
    return std::move(problems_);
  }

 private:
  using Names = std::set<std::string_view>;

  void report(Offset offset, std::string_view message) {
    problems_.push_back(with_location(message, location_at(sdl_.source(), offset)));
  }

  void index(const Document& document) {
    for (const Definition& definition : document.definitions()) {
      if (definition.extension || definition.name.value == kMetaTypeName) {
        continue;
      }
      if (is_type(definition)) {
        types_.emplace(definition.name.value, &definition);
      } else if (definition.kind == DefinitionKind::kDirective) {
        directives_.emplace(definition.name.value, &definition);
      }
    }
  }

  void check_uniqueness() {
    Names types;
    Names directives;
    std::set<OperationType> operations;
    bool has_schema = false;
    for (const Definition& definition : sdl_.definitions()) {
      const Name& name = definition.name;
      if (definition.kind == DefinitionKind::kSchema) {
        if (!definition.extension && std::exchange(has_schema, true)) {
          report(definition.offset, "Must provide only one schema definition.");
        }
        for (const RootOperationType& root : definition.root_operations) {
          if (!operations.insert(root.operation).second) {
            report(root.offset, fmt::format("There can be only one {} type in schema.",
                                            operation_word(root.operation)));
          }
        }
      } else if (!definition.extension && is_type(definition) && !types.insert(name.value).second) {
        report(name.offset, fmt::format("There can be only one type named \"{}\".", name.value));
      } else if (!definition.extension && definition.kind == DefinitionKind::kDirective &&
                 !directives.insert(name.value).second) {
        report(name.offset,
               fmt::format("There can be only one directive named \"@{}\".", name.value));
      }
    }
  }

  void check_definition(const Definition& definition) {
    check_extension(definition);
    check_directives(definition.directives, directive_location(definition.kind));
    for (const RootOperationType& root : definition.root_operations) {
      check_type_name(root.type);
    }
    for (const Name& interface : definition.interfaces) {
      check_type_name(interface);
    }
    for (const Name& member : definition.members) {
      check_type_name(member);
    }
    for (const FieldDefinition& field : definition.fields) {
      check_field(definition, field);
    }
    for (const EnumValueDefinition& value : definition.enum_values) {
      if (!members_[definition.name.value].insert(value.name.value).second) {
        report(value.name.offset, fmt::format("Enum value \"{}.{}\" can only be defined once.",
                                              definition.name.value, value.name.value));
      }
      check_directives(value.directives, "ENUM_VALUE");
    }
    if (definition.kind == DefinitionKind::kDirective) {
      check_arguments(definition.input_fields, fmt::format("@{}", definition.name.value));
    } else {
      check_input_fields(definition);
    }
  }

  void check_extension(const Definition& definition) {
    if (!definition.extension || definition.kind == DefinitionKind::kSchema) {
      return;
    }
    const Name& name = definition.name;
    const bool is_directive = definition.kind == DefinitionKind::kDirective;
    const auto& known = is_directive ? directives_ : types_;
    const auto found = known.find(name.value);
    if (found == known.end()) {
      report(name.offset,
             fmt::format("Cannot extend {} \"{}{}\" because it is not defined.",
                         is_directive ? "directive" : "type", is_directive ? "@" : "", name.value));
    } else if (found->second->kind != definition.kind) {
      report(name.offset, fmt::format("Cannot extend non-{} type \"{}\".",
                                      kind_name(definition.kind), name.value));
    }
  }

  void check_field(const Definition& definition, const FieldDefinition& field) {
    const std::string coordinate = fmt::format("{}.{}", definition.name.value, field.name.value);
    check_member(definition, field.name, coordinate);
    check_type(field.type);
    check_directives(field.directives, "FIELD_DEFINITION");
    check_arguments(field.arguments, coordinate);
  }

  void check_input_fields(const Definition& definition) {
    for (const InputValueDefinition& field : definition.input_fields) {
      check_member(definition, field.name,
                   fmt::format("{}.{}", definition.name.value, field.name.value));
      check_type(field.type);
      check_directives(field.directives, "INPUT_FIELD_DEFINITION");
    }
  }

  void check_member(const Definition& definition, const Name& name, std::string_view coordinate) {
    if (!members_[definition.name.value].insert(name.value).second) {
      report(name.offset, fmt::format("Field \"{}\" can only be defined once.", coordinate));
    }
  }

  void check_arguments(std::span<const InputValueDefinition> arguments, std::string_view owner) {
    Names names;
    for (const InputValueDefinition& argument : arguments) {
      if (!names.insert(argument.name.value).second) {
        report(argument.name.offset, fmt::format("Argument \"{}({}:)\" can only be defined once.",
                                                 owner, argument.name.value));
      }
      check_type(argument.type);
      check_directives(argument.directives, "ARGUMENT_DEFINITION");
    }
  }

  void check_type(const TypeReference& type) {
    if (type.inner != nullptr) {
      check_type(*type.inner);
    } else {
      check_type_name(type.name);
    }
  }

  void check_type_name(const Name& name) {
    if (!types_.contains(name.value)) {
      report(name.offset, fmt::format("Unknown type \"{}\".", name.value));
    }
  }

  void check_directives(std::span<const Directive> directives, std::string_view location) {
    Names seen;
    for (const Directive& directive : directives) {
      const std::string_view name = directive.name.value;
      const auto found = directives_.find(name);
      if (found == directives_.end()) {
        report(directive.offset, fmt::format("Unknown directive \"@{}\".", name));
        continue;
      }
      const Definition& definition = *found->second;
      if (std::none_of(definition.locations.begin(), definition.locations.end(),
                       [&](const Name& allowed) { return allowed.value == location; })) {
        report(directive.offset,
               fmt::format("Directive \"@{}\" may not be used on {}.", name, location));
      }
      if (!definition.repeatable && !seen.insert(name).second) {
        report(directive.offset,
               fmt::format("The directive \"@{}\" can only be used once at this location.", name));
      }
      check_directive_arguments(directive, definition);
    }
  }

  void check_directive_arguments(const Directive& directive, const Definition& definition) {
    Names given;
    for (const Argument& argument : directive.arguments) {
      const std::string_view name = argument.name.value;
      if (!given.insert(name).second) {
        report(argument.name.offset,
               fmt::format("There can be only one argument named \"{}\".", name));
      }
      const auto known =
          std::find_if(definition.input_fields.begin(), definition.input_fields.end(),
                       [&](const InputValueDefinition& input) { return input.name.value == name; });
      if (known == definition.input_fields.end()) {
        report(argument.name.offset, fmt::format("Unknown argument \"{}\" on directive \"@{}\".",
                                                 name, directive.name.value));
      } else if (known->type.name.value == "String" && argument.value.kind != ValueKind::kString) {
        report(argument.value.offset,
               fmt::format("Argument \"@{}({}:)\" must be a string.", directive.name.value, name));
      }
    }
    for (const InputValueDefinition& input : definition.input_fields) {
      if (input.type.non_null && input.default_value == nullptr &&
          !given.contains(input.name.value)) {
        report(directive.offset,
               fmt::format("Argument \"@{}({}:)\" of type \"{}!\" is required, but it was not "
                           "provided.",
                           directive.name.value, input.name.value, input.type.name.value));
      }
    }
  }

  const Document& sdl_;
  std::map<std::string_view, const Definition*> types_;
  std::map<std::string_view, const Definition*> directives_;
  std::map<std::string_view, Names> members_;  // fields and enum values seen, by type
  std::vector<std::string> problems_;
};

}  // namespace

std::string with_location(std::string_view message, const Location& location) {
  return fmt::format("{} ({}:{})", message, location.line, location.column);
}

std::vector<std::string> check_sdl(const Document& sdl, const Document& builtin) {
  return SdlChecker(sdl, builtin).run();
}

}  // namespace matricula::graphql
