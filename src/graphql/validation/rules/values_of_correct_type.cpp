#include "graphql/coercion/check_literal.h"
#include "graphql/validation/rules/rules.h"

namespace matricula::graphql::rules {

// GraphQL, section 5.6.1 to 5.6.4: a literal is one of its type's values.
void values_of_correct_type(Context& context, const Value& value, const Type* type) {
  if (type == nullptr || value.kind == ValueKind::kVariable) {
    return;
  }
  const LiteralCheck check{.suggestions = context.options().suggestions,
                           .report = [&](std::string message, Offset offset, const Path&) {
                             context.report(std::move(message), {offset});
                             return !context.is_stopped();
                           }};
  check_literal(check, value, *type);
}

}  // namespace matricula::graphql::rules
