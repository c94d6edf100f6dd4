#include <fmt/format.h>

#include "graphql/validation/rules/rules.h"

namespace matricula::graphql::rules {

// GraphQL, section 5.6.3: no two fields of an input object have one name, at any depth of a value.
void unique_input_field_names(Context& context, const Value& value) {
  for (const Value& item : value.items) {
    unique_input_field_names(context, item);
  }
  if (value.fields.empty()) {
    return;
  }
  NameIndex names;
  std::vector<Offset> firsts;
  for (const ObjectField& field : value.fields) {
    const std::uint32_t number = names.add(field.name.value);
    if (number == firsts.size()) {
      firsts.push_back(field.name.offset);
    } else {
      context.report(
          fmt::format(R"(There can be only one input field named "{}".)", field.name.value),
          {firsts[number], field.name.offset});
    }
    unique_input_field_names(context, field.value);
  }
}

}  // namespace matricula::graphql::rules
