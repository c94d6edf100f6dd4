#include <fmt/format.h>

#include "graphql/validation/rules/rules.h"

namespace matricula::graphql::rules {

// GraphQL, section 5.5.1.1: no two fragments have one name.
void unique_fragment_names(Context& context, const Definition& fragment) {
  const Definition* const first = context.first_fragment(fragment.name.value);
  if (first != &fragment) {
    context.report(
        fmt::format(R"(There can be only one fragment named "{}".)", fragment.name.value),
        {first->name.offset, fragment.name.offset});
  }
}

}  // namespace matricula::graphql::rules
