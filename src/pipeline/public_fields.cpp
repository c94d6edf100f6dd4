#include "pipeline/public_fields.h"

#include <algorithm>
#include <vector>

namespace matricula::pipeline {
namespace {

const planning::CommandRoot* command_of(const planning::RootEntry& entry) {
  const auto* plan = std::get_if<planning::CommandPlan>(&entry.work);
  return plan == nullptr ? nullptr : plan->root;
}

}  // namespace

bool is_public(const domains::Definition& definition, const planning::CommandRoot& root) {
  return std::ranges::find(definition.public_fields, root.field) != definition.public_fields.end();
}

bool is_public_operation(const domains::Definition& definition, const planning::Plan& plan) {
  bool has_public = false;
  for (const planning::RootEntry& entry : plan.roots) {
    const planning::CommandRoot* root = command_of(entry);
    if (root != nullptr && !is_public(definition, *root)) {
      return false;
    }
    has_public |= root != nullptr;
  }
  return has_public;
}

const planning::RootEntry* repeated_public_field(const domains::Definition& definition,
                                                 const planning::Plan& plan) {
  std::vector<std::string_view> seen;
  for (const planning::RootEntry& entry : plan.roots) {
    const planning::CommandRoot* root = command_of(entry);
    if (root == nullptr || !is_public(definition, *root)) {
      continue;
    }
    if (std::ranges::find(seen, root->field) != seen.end()) {
      return &entry;
    }
    seen.push_back(root->field);
  }
  return nullptr;
}

}  // namespace matricula::pipeline
