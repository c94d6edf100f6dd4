#include <fmt/format.h>

#include "graphql/validation/rules/rules.h"
#include "graphql/validation/type_relations.h"

namespace matricula::graphql::rules {

// GraphQL, section 5.5.2.3: some object can be of the fragment's type and of that around it.
void possible_fragment_spreads(Context& context, const Selection& spread, const NamedType* parent,
                               const NamedType* fragment_type) {
  if (parent == nullptr || fragment_type == nullptr || !parent->is_composite() ||
      !fragment_type->is_composite() || do_types_overlap(*fragment_type, *parent)) {
    return;
  }
  const std::string name = spread.kind == SelectionKind::kInlineFragment
                               ? ""
                               : fmt::format("\"{}\" ", spread.name.value);
  context.report(fmt::format(R"(Fragment {}cannot be spread here as objects of type "{}" can )"
                             R"(never be of type "{}".)",
                             name, parent->name, fragment_type->name),
                 {spread.offset});
}

}  // namespace matricula::graphql::rules
