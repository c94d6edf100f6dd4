#include "pipeline/plan_weight.h"

#include <algorithm>

namespace matricula::pipeline {

using planning::CommandPlan;
using planning::Plan;
using planning::RootEntry;

namespace {

// Whether the argument asks for a filter or a search: a page without either is one index range.
bool narrows(const graphql::Argument& argument, const graphql::Variables& variables) {
  const auto is_given = [](const graphql::Input& input, std::string_view name) {
    const graphql::Input* field = input.field(name);
    return field != nullptr && !field->is_null();
  };
  if (argument.value.kind == graphql::ValueKind::kVariable) {
    const auto found = variables.find(argument.value.text);
    return found != variables.end() && !found->second.is_null() &&
           (is_given(found->second, "filter") || is_given(found->second, "query"));
  }
  return std::ranges::any_of(argument.value.fields, [](const graphql::ObjectField& field) {
    return field.name.value == "filter" || field.name.value == "query";
  });
}

}  // namespace

bool is_heavy(const Plan& plan, const graphql::Variables& variables) {
  for (const RootEntry& entry : plan.roots) {
    if (std::holds_alternative<CommandPlan>(entry.work) ||
        std::holds_alternative<planning::ObjectPlan>(entry.work)) {
      return true;
    }
    const auto* connection = std::get_if<planning::ConnectionPlan>(&entry.work);
    if (connection == nullptr) {
      continue;
    }
    if (std::ranges::any_of(connection->entries,
                            [](const auto& each) {
                              return each.field == planning::ConnectionField::kTotalCount;
                            }) ||
        std::ranges::any_of(entry.node->arguments,
                            [&](const auto& each) { return narrows(each, variables); })) {
      return true;
    }
  }
  return plan.roots.size() > 1;
}

}  // namespace matricula::pipeline
