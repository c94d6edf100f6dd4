#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "graphql/validation/rules/rules.h"

namespace matricula::graphql::rules {

namespace {

constexpr std::array<std::string_view, 13> kStandardTypes = {
    "String",    "Int",      "Float",        "Boolean",
    "ID",        "__Schema", "__Directive",  "__DirectiveLocation",
    "__Type",    "__Field",  "__InputValue", "__EnumValue",
    "__TypeKind"};

bool is_type_definition(const Definition& definition) {
  return !definition.is_executable() && !definition.extension &&
         definition.kind != DefinitionKind::kSchema &&
         definition.kind != DefinitionKind::kDirective;
}

}  // namespace

// GraphQL, section 5.5.1.2 and 5.8.2: types are those of the schema, or of the document itself.
void known_type_names(Context& context, const Name& type, bool in_type_system) {
  if (context.schema().type(type.value) != nullptr) {
    return;
  }
  std::vector<std::string_view> defined;
  if (context.has_type_system_definitions()) {
    for (const Definition& definition : context.document().definitions()) {
      if (is_type_definition(definition)) {
        if (definition.name.value == type.value) {
          return;
        }
        defined.push_back(definition.name.value);
      }
    }
  }
  if (in_type_system &&
      std::find(kStandardTypes.begin(), kStandardTypes.end(), type.value) != kStandardTypes.end()) {
    return;
  }
  std::vector<std::string_view> candidates;
  if (in_type_system) {
    candidates.assign(kStandardTypes.begin(), kStandardTypes.end());
  }
  for (const NamedType* const known : context.schema().types()) {
    candidates.push_back(known->name);
  }
  candidates.insert(candidates.end(), defined.begin(), defined.end());
  context.report(
      fmt::format(R"(Unknown type "{}".{})", type.value, context.suggest(type.value, candidates)),
      {type.offset});
}

}  // namespace matricula::graphql::rules
