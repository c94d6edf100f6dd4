#include <algorithm>
#include <fmt/format.h>

#include "graphql/validation/rules/rules.h"

namespace matricula::graphql::rules {

namespace {

// Whether the directive is allowed there; by the document's own definition of it, if there is one.
bool is_allowed(const Definition* defined, const DirectiveType* known, std::string_view location) {
  if (defined != nullptr) {
    return std::any_of(defined->locations.begin(), defined->locations.end(),
                       [&](const Name& name) { return name.value == location; });
  }
  return std::find(known->locations.begin(), known->locations.end(), location) !=
         known->locations.end();
}

}  // namespace

const Definition* defined_directive(const Context& context, std::string_view name) {
  const Definition* last = nullptr;
  if (context.has_type_system_definitions()) {
    for (const Definition& definition : context.document().definitions()) {
      if (definition.kind == DefinitionKind::kDirective && !definition.extension &&
          definition.name.value == name) {
        last = &definition;
      }
    }
  }
  return last;
}

// GraphQL, sections 5.7.1 and 5.7.2: the directive exists, and is allowed at its location.
void known_directives(Context& context, const Directive& directive, std::string_view location) {
  const std::string_view name = directive.name.value;
  const Definition* const defined = defined_directive(context, name);
  const DirectiveType* const known = context.schema().directive(name);
  if (defined == nullptr && known == nullptr) {
    context.report(fmt::format(R"(Unknown directive "@{}".)", name), {directive.offset});
  } else if (!is_allowed(defined, known, location)) {
    context.report(fmt::format(R"(Directive "@{}" may not be used on {}.)", name, location),
                   {directive.offset});
  }
}

}  // namespace matricula::graphql::rules
