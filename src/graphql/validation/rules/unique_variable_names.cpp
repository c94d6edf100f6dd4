#include <fmt/format.h>

#include "graphql/validation/rules/rules.h"

namespace matricula::graphql::rules {

// GraphQL, section 5.8.1: no two variables of an operation have one name.
void unique_variable_names(Context& context, const Definition& operation) {
  if (operation.variables.size() < 2) {
    return;
  }
  NameIndex names;
  std::vector<std::vector<Offset>> places;
  for (const VariableDefinition& definition : operation.variables) {
    const std::uint32_t number = names.add(definition.variable.value);
    places.resize(names.size());
    places[number].push_back(context.offset_of(definition.variable));
  }
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    if (places[i].size() > 1) {
      context.report(fmt::format(R"(There can be only one variable named "${}".)", names.name(i)),
                     std::move(places[i]));
    }
  }
}

}  // namespace matricula::graphql::rules
