#include <fmt/format.h>
#include <utility>

#include "graphql/validation/rules/rules.h"

namespace matricula::graphql::rules {

namespace {

using Seen = std::vector<std::pair<std::string_view, Offset>>;  // as many as there are directives

bool is_unique(const Context& context, std::string_view name) {
  if (const Definition* const defined = defined_directive(context, name)) {
    return !defined->repeatable;
  }
  const DirectiveType* const known = context.schema().directive(name);
  return known != nullptr && !known->repeatable;
}

void check(Context& context, std::span<const Directive> directives, Seen& seen, bool report) {
  for (const Directive& directive : directives) {
    const std::string_view name = directive.name.value;
    if (!is_unique(context, name)) {
      continue;
    }
    const Offset* first = nullptr;
    for (const auto& [seen_name, offset] : seen) {
      if (seen_name == name) {
        first = &offset;
      }
    }
    if (first == nullptr) {
      seen.emplace_back(name, directive.offset);
    } else if (report) {
      context.report(
          fmt::format(R"(The directive "@{}" can only be used once at this location.)", name),
          {*first, directive.offset});
    }
  }
}

// A type, the schema or a directive, with its extensions, is one location.
bool is_same_location(const Definition& a, const Definition& b) {
  const bool same_sort =
      (a.kind == DefinitionKind::kSchema) == (b.kind == DefinitionKind::kSchema) &&
      (a.kind == DefinitionKind::kDirective) == (b.kind == DefinitionKind::kDirective);
  return !a.is_executable() && same_sort && a.name.value == b.name.value;
}

}  // namespace

// GraphQL, section 5.7.3: a directive that is not repeatable occurs once at a place.
void unique_directives_per_location(Context& context, std::span<const Directive> directives) {
  if (directives.size() > 1) {
    Seen seen;
    check(context, directives, seen, true);
  }
}

void unique_directives_per_location(Context& context, const Definition& type_system_definition) {
  if (type_system_definition.directives.empty()) {
    return;
  }
  Seen seen;
  for (const Definition& definition : context.document().definitions()) {
    const bool is_this = &definition == &type_system_definition;
    if (is_this || is_same_location(definition, type_system_definition)) {
      check(context, definition.directives, seen, is_this);
    }
    if (is_this) {
      return;
    }
  }
}

}  // namespace matricula::graphql::rules
