#include "pipeline/open_fields.h"

#include <algorithm>
#include <vector>

namespace matricula::pipeline {
namespace {

const planning::CommandRoot* command_of(const planning::RootEntry& entry) {
  const auto* plan = std::get_if<planning::CommandPlan>(&entry.work);
  return plan == nullptr ? nullptr : plan->root;
}

}  // namespace

bool is_open(const domains::Definition& definition, const planning::CommandRoot& root) {
  return std::ranges::find(definition.open_fields, root.field) != definition.open_fields.end();
}

bool needs_nobody(const domains::Definition& definition, const planning::Plan& plan) {
  bool any_open = false;
  for (const planning::RootEntry& entry : plan.roots) {
    const planning::CommandRoot* root = command_of(entry);
    if (root != nullptr && !is_open(definition, *root)) {
      return false;
    }
    any_open |= root != nullptr;
  }
  return any_open;
}

const planning::RootEntry* repeated_open_field(const domains::Definition& definition,
                                               const planning::Plan& plan) {
  std::vector<std::string_view> met;
  for (const planning::RootEntry& entry : plan.roots) {
    const planning::CommandRoot* root = command_of(entry);
    if (root == nullptr || !is_open(definition, *root)) {
      continue;
    }
    if (std::ranges::find(met, root->field) != met.end()) {
      return &entry;
    }
    met.push_back(root->field);
  }
  return nullptr;
}

}  // namespace matricula::pipeline
