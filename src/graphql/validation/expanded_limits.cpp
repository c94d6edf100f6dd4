#include "graphql/validation/expanded_limits.h"

#include <algorithm>
#include <fmt/format.h>
#include <unordered_map>
#include <utility>
#include <vector>

namespace matricula::graphql {

namespace {

// Sums of sums can grow exponentially; beyond this they are too many for any limit.
constexpr std::size_t kManyMax = SIZE_MAX / 4;

struct Extent {
  std::size_t depth = 0;  // of fields within fields, introspection apart
  std::size_t aliases = 0;
  std::size_t root_fields = 0;
  std::size_t expansions = 0;  // fragments spread, each as often as it is reached
};

class Counter {
 public:
  explicit Counter(Context& context) : context_(context) {}

  Extent count(const SelectionSet& set, bool in_introspection) {
    Extent extent;
    for (const Selection& selection : set.selections) {
      const Extent part = count(selection, in_introspection);
      extent.depth = std::max(extent.depth, part.depth);
      extent.aliases = std::min(kManyMax, extent.aliases + part.aliases);
      extent.root_fields = std::min(kManyMax, extent.root_fields + part.root_fields);
      extent.expansions = std::min(kManyMax, extent.expansions + part.expansions);
    }
    return extent;
  }

 private:
  Extent count(const Selection& selection, bool in_introspection) {
    switch (selection.kind) {
      case SelectionKind::kField:
        break;
      case SelectionKind::kInlineFragment:
        return count(*selection.selection_set, in_introspection);
      case SelectionKind::kFragmentSpread: {
        const Definition& fragment = *context_.fragment(selection.name.value);
        const auto known = fragments_.find(&fragment);
        Extent extent = known == fragments_.end() ? count(fragment) : known->second;
        ++extent.expansions;
        return extent;
      }
    }
    const bool is_meta = selection.name.value == "__schema" || selection.name.value == "__type";
    Extent extent;
    if (selection.selection_set != nullptr) {
      extent = count(*selection.selection_set, in_introspection || is_meta);
    }
    extent.depth = in_introspection ? 0 : is_meta ? 1 : extent.depth + 1;
    extent.aliases += selection.alias.value.empty() ? 0 : 1;
    extent.root_fields = 1;
    return extent;
  }

  // Counts the fragments a fragment spreads before itself, so that recursion stays within one.
  Extent count(const Definition& fragment) {
    std::vector<std::pair<const Definition*, std::size_t>> open{{&fragment, 0}};
    while (!open.empty()) {
      auto& [current, next] = open.back();
      const auto spreads = context_.spreads(*current);
      if (next < spreads.size()) {
        const Definition* const inner = context_.fragment(spreads[next++]->name.value);
        if (!fragments_.contains(inner)) {
          open.emplace_back(inner, 0);
        }
        continue;
      }
      const bool is_meta = current->type_condition.value.starts_with("__");
      fragments_.emplace(current, count(*current->selection_set, is_meta));
      open.pop_back();
    }
    return fragments_.at(&fragment);
  }

  Context& context_;
  std::unordered_map<const Definition*, Extent> fragments_;
};

}  // namespace

void check_expanded_limits(Context& context) {
  const ValidationOptions& options = context.options();
  Counter counter(context);
  std::size_t expansions = 0;
  for (const Definition& definition : context.document().definitions()) {
    if (definition.kind != DefinitionKind::kOperation || context.is_stopped()) {
      continue;
    }
    const Extent extent = counter.count(*definition.selection_set, false);
    expansions = std::min(kManyMax, expansions + extent.expansions);
    if (extent.depth > options.selection_depth) {
      context.exceed(fmt::format(R"(Selections nest deeper than {} fields, the limit )"
                                 R"("selection-depth" of this server.)",
                                 options.selection_depth),
                     definition.offset);
    } else if (extent.aliases > options.aliases) {
      context.exceed(
          fmt::format(R"(Document has more than {} aliases, the limit "aliases" of this server.)",
                      options.aliases),
          definition.offset);
    } else if (extent.root_fields > options.root_fields) {
      context.exceed(fmt::format(R"(Operation has more than {} root fields, the limit )"
                                 R"("root-fields" of this server.)",
                                 options.root_fields),
                     definition.offset);
    } else if (definition.operation == OperationType::kMutation &&
               extent.root_fields > options.mutations) {
      context.exceed(fmt::format(R"(Operation has more than {} mutations, the limit "mutations" )"
                                 R"(of this server.)",
                                 options.mutations),
                     definition.offset);
    } else if (expansions > options.fragment_expansions) {
      context.exceed_expansions(definition.offset);
    }
  }
}

}  // namespace matricula::graphql
