#include <fmt/format.h>

#include "graphql/validation/rules/rules.h"

namespace matricula::graphql::rules {

// GraphQL, section 5.1.1: only operations and fragments can be executed.
void executable_definitions(Context& context) {
  for (const Definition& definition : context.document().definitions()) {
    if (definition.is_executable()) {
      continue;
    }
    const std::string name = definition.kind == DefinitionKind::kSchema
                                 ? "schema"
                                 : fmt::format("\"{}\"", definition.name.value);
    context.report(fmt::format("The {} definition is not executable.", name), {definition.offset});
  }
}

}  // namespace matricula::graphql::rules
