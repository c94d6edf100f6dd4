#include <fmt/format.h>

#include "graphql/validation/rules/rules.h"

namespace matricula::graphql::rules {

// GraphQL, section 5.8.4: an operation uses every variable that it defines.
void no_unused_variables(Context& context, const Definition& operation) {
  if (operation.variables.empty()) {
    return;
  }
  NameIndex used;
  for (const VariableUsage& usage : context.recursive_usages(operation)) {
    used.add(usage.variable->text);
  }
  for (const VariableDefinition& definition : operation.variables) {
    const std::string_view name = definition.variable.value;
    if (used.find(name) == NameIndex::kNone) {
      context.report(operation.name.value.empty()
                         ? fmt::format(R"(Variable "${}" is never used.)", name)
                         : fmt::format(R"(Variable "${}" is never used in operation "{}".)", name,
                                       operation.name.value),
                     {definition.offset});
    }
  }
}

}  // namespace matricula::graphql::rules
