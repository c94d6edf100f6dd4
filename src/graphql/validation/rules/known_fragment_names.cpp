#include <fmt/format.h>

#include "graphql/validation/rules/rules.h"

namespace matricula::graphql::rules {

// GraphQL, section 5.5.2.1: a fragment that is spread is defined.
void known_fragment_names(Context& context, const Selection& spread) {
  if (context.fragment(spread.name.value) == nullptr) {
    context.report(fmt::format(R"(Unknown fragment "{}".)", spread.name.value),
                   {spread.name.offset});
  }
}

}  // namespace matricula::graphql::rules
