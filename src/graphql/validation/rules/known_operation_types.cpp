#include <fmt/format.h>

#include "graphql/validation/rules/rules.h"

namespace matricula::graphql::rules {

namespace {

std::string_view operation_word(OperationType operation) {
  switch (operation) {
    case OperationType::kQuery:
      return "query";
    case OperationType::kMutation:
      return "mutation";
    case OperationType::kSubscription:
      return "subscription";
  }
  return {};
}

}  // namespace

// GraphQL, section 5.2.1.1: the schema has a root type for the operation.
void known_operation_types(Context& context, const Definition& operation) {
  if (context.schema().root(operation.operation) == nullptr) {
    context.report(fmt::format("The {} operation is not supported by the schema.",
                               operation_word(operation.operation)),
                   {operation.offset});
  }
}

}  // namespace matricula::graphql::rules
