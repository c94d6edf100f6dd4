#include "graphql/validation/rules/rules.h"

namespace matricula::graphql::rules {

// GraphQL, section 5.2.3.1: an operation without a name is the only one.
void lone_anonymous_operation(Context& context, const Definition& operation) {
  if (operation.name.value.empty() && context.operation_count() > 1) {
    context.report("This anonymous operation must be the only defined operation.",
                   {operation.offset});
  }
}

}  // namespace matricula::graphql::rules
