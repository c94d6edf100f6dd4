#include <fmt/format.h>

#include "graphql/language/words.h"
#include "graphql/validation/rules/rules.h"

namespace matricula::graphql::rules {

// GraphQL, section 5.2.1.1: the schema has a root type for the operation.
void known_operation_types(Context& context, const Definition& operation) {
  if (context.schema().root(operation.operation) == nullptr) {
    context.report(fmt::format("The {} operation is not supported by the schema.",
                               operation_word(operation.operation)),
                   {operation.offset});
  }
}

}  // namespace matricula::graphql::rules
