#include <fmt/format.h>

#include "graphql/validation/rules/rules.h"

namespace matricula::graphql::rules {

namespace {

bool is_known_non_composite(const Context& context, const Name& condition) {
  const NamedType* const type =
      condition.value.empty() ? nullptr : context.schema().type(condition.value);
  return type != nullptr && !type->is_composite();
}

}  // namespace

// GraphQL, section 5.5.1.3: fragments stand on objects, interfaces and unions.
void fragments_on_composite_types(Context& context, const Selection& inline_fragment) {
  const Name& condition = inline_fragment.type_condition;
  if (is_known_non_composite(context, condition)) {
    context.report(
        fmt::format(R"(Fragment cannot condition on non composite type "{}".)", condition.value),
        {condition.offset});
  }
}

void fragments_on_composite_types(Context& context, const Definition& fragment) {
  const Name& condition = fragment.type_condition;
  if (is_known_non_composite(context, condition)) {
    context.report(fmt::format(R"(Fragment "{}" cannot condition on non composite type "{}".)",
                               fragment.name.value, condition.value),
                   {condition.offset});
  }
}

}  // namespace matricula::graphql::rules
