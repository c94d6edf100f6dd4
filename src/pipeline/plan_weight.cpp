#include "pipeline/plan_weight.h"

#include <algorithm>

namespace matricula::pipeline {

using planning::CommandPlan;
using planning::Plan;
using planning::RootEntry;

bool is_heavy(const Plan& plan) {
  for (const RootEntry& entry : plan.roots) {
    if (std::holds_alternative<CommandPlan>(entry.work) ||
        std::holds_alternative<planning::ObjectPlan>(entry.work)) {
      return true;
    }
    const auto* connection = std::get_if<planning::ConnectionPlan>(&entry.work);
    if (connection == nullptr) {
      continue;
    }
    const bool counts = std::ranges::any_of(connection->entries, [](const auto& each) {
      return each.field == planning::ConnectionField::kTotalCount;
    });
    // A filter stands in the document's own words or comes in a variable; a page without either is
    // one index range.
    const bool narrowed = std::ranges::any_of(entry.node->arguments, [](const auto& each) {
      return each.value.kind == graphql::ValueKind::kVariable ||
             std::ranges::any_of(each.value.fields, [](const graphql::ObjectField& field) {
               return field.name.value == "filter" || field.name.value == "query";
             });
    });
    if (counts || narrowed) {
      return true;
    }
  }
  return plan.roots.size() > 1;
}

}  // namespace matricula::pipeline
