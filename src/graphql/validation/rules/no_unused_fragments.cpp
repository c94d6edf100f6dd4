#include <fmt/format.h>

#include "graphql/validation/rules/rules.h"

namespace matricula::graphql::rules {

// GraphQL, section 5.5.1.4: every fragment is spread by some operation, itself or through others.
void no_unused_fragments(Context& context) {
  std::vector<const Definition*> operations;
  for (const Definition& definition : context.document().definitions()) {
    if (definition.kind == DefinitionKind::kOperation) {
      operations.push_back(&definition);
    }
  }
  NameIndex used;
  for (const Definition* const fragment : context.reached_fragments(operations)) {
    used.add(fragment->name.value);
  }
  for (const Definition& definition : context.document().definitions()) {
    if (definition.kind == DefinitionKind::kFragment &&
        used.find(definition.name.value) == NameIndex::kNone) {
      context.report(fmt::format(R"(Fragment "{}" is never used.)", definition.name.value),
                     {definition.offset});
    }
  }
}

}  // namespace matricula::graphql::rules
