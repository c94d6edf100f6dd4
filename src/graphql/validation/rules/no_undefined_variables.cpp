#include <fmt/format.h>

#include "graphql/validation/rules/rules.h"

namespace matricula::graphql::rules {

// GraphQL, section 5.8.3: an operation defines the variables that it and its fragments use.
void no_undefined_variables(Context& context, const Definition& operation) {
  NameIndex defined;
  for (const VariableDefinition& definition : operation.variables) {
    defined.add(definition.variable.value);
  }
  for (const VariableUsage& usage : context.recursive_usages(operation)) {
    const std::string_view name = usage.variable->text;
    if (defined.find(name) == NameIndex::kNone) {
      context.report(operation.name.value.empty()
                         ? fmt::format(R"(Variable "${}" is not defined.)", name)
                         : fmt::format(R"(Variable "${}" is not defined by operation "{}".)", name,
                                       operation.name.value),
                     {usage.variable->offset, operation.offset});
    }
  }
}

}  // namespace matricula::graphql::rules
