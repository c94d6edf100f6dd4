#include <fmt/format.h>

#include "graphql/validation/rules/rules.h"

namespace matricula::graphql::rules {

// GraphQL, section 5.2.2.1: no two operations have one name.
void unique_operation_names(Context& context, const Definition& operation) {
  if (operation.name.value.empty()) {
    return;
  }
  const Definition* const first = context.first_operation(operation.name.value);
  if (first != &operation) {
    context.report(
        fmt::format(R"(There can be only one operation named "{}".)", operation.name.value),
        {first->name.offset, operation.name.offset});
  }
}

}  // namespace matricula::graphql::rules
