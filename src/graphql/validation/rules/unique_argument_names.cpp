#include <fmt/format.h>

#include "graphql/validation/rules/rules.h"

namespace matricula::graphql::rules {

// GraphQL, section 5.4.2: no two arguments have one name.
void unique_argument_names(Context& context, std::span<const Argument> arguments) {
  if (arguments.size() < 2) {
    return;
  }
  NameIndex names;
  std::vector<std::vector<Offset>> places;
  for (const Argument& argument : arguments) {
    const std::uint32_t number = names.add(argument.name.value);
    places.resize(names.size());
    places[number].push_back(argument.name.offset);
  }
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    if (places[i].size() > 1) {
      context.report(fmt::format(R"(There can be only one argument named "{}".)", names.name(i)),
                     std::move(places[i]));
    }
  }
}

}  // namespace matricula::graphql::rules
