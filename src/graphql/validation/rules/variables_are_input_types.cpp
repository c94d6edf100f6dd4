#include <fmt/format.h>

#include "graphql/language/printer.h"
#include "graphql/validation/rules/rules.h"

namespace matricula::graphql::rules {

// GraphQL, section 5.8.2: variables hold what can be sent.
void variables_are_input_types(Context& context, const VariableDefinition& definition) {
  const TypeReference* innermost = &definition.type;
  while (innermost->inner != nullptr) {
    innermost = innermost->inner;
  }
  const NamedType* const type = context.schema().type(innermost->name.value);
  if (type != nullptr && !type->is_input()) {
    context.report(fmt::format(R"(Variable "${}" cannot be non-input type "{}".)",
                               definition.variable.value, print(definition.type)),
                   {definition.type.offset});
  }
}

}  // namespace matricula::graphql::rules
