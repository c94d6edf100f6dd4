#include <fmt/format.h>

#include "graphql/validation/rules/rules.h"

namespace matricula::graphql::rules {

// GraphQL, section 5.3.3: fields of leaf types have no selections, all others have some.
void scalar_leafs(Context& context, const Selection& selection, const Field* field) {
  if (field == nullptr) {
    return;
  }
  const std::string_view name = selection.name.value;
  const bool is_leaf = field->type->innermost().is_leaf();
  if (is_leaf && selection.selection_set != nullptr) {
    context.report(
        fmt::format(R"(Field "{}" must not have a selection since type "{}" has no subfields.)",
                    name, type_text(*field->type)),
        {selection.selection_set->offset});
  } else if (!is_leaf && selection.selection_set == nullptr) {
    // Not a guess of ours, so no setting turns it off.
    context.report(fmt::format(R"(Field "{0}" of type "{1}" must have a selection of subfields. )"
                               R"(Did you mean "{0} {{ ... }}"?)",
                               name, type_text(*field->type)),
                   {selection.offset});
  }
}

}  // namespace matricula::graphql::rules
