#include "execution/refusals.h"

#include <fmt/format.h>
#include <string_view>

namespace matricula::execution {

using planning::ConnectionEntry;
using planning::ConnectionField;
using planning::ConnectionPlan;
using planning::ObjectEntry;
using planning::ObjectPlan;
using planning::Shape;
using planning::ShapeField;

namespace {

constexpr std::string_view kFirstItem = ",0";

// The response key as JSON.
std::string_view key_of(std::string_view prefix) {
  return prefix.substr(0, prefix.size() - 1);
}

// The indices of the first item of each list that the type is.
std::string first_item(const graphql::Type& type) {
  std::string indices;
  for (const graphql::Type* each = &type.nullable(); each->is_list();
       each = &each->inner->nullable()) {
    indices += kFirstItem;
  }
  return indices;
}

// Paths are JSON without the closing bracket.
class Finder {
 public:
  Finder(const planning::Plan& plan, const graphql::Variables& variables, const ActiveFlags& flags)
      : plan_(plan), variables_(variables), flags_(flags) {}

  std::optional<BoundError> at(const planning::NullableConditions& conditions,
                               const std::string& path) const {
    for (const planning::NullableCondition& condition : conditions) {
      const planning::Flag& flag = plan_.flags[condition.flag - 1];
      const auto variable = variables_.find(flag.variable);
      if (variable == variables_.end() || !variable->second.is_null() ||
          !flags_.holds({.flag = flag.parent})) {
        continue;
      }
      return BoundError{
          .error = {.code = ErrorCode::kBadUserInput,
                    .message = fmt::format("Argument \"@{}(if:)\" has invalid value: Expected "
                                           "variable \"${}\" provided to non-null type "
                                           "\"Boolean!\" not to be null.",
                                           flag.expected ? "include" : "skip", flag.variable)},
          .locations = {graphql::location_at(plan_.document->source(), condition.offset)},
          .path = path.empty() ? "" : path + ']'};
    }
    return std::nullopt;
  }

  std::vector<Refusal> in(const ConnectionPlan& connection, const std::string& path) const {
    std::vector<Refusal> refusals;
    if (auto error = at(connection.conditions, path)) {
      refusals.push_back({.error = *std::move(error)});
      return refusals;
    }
    for (const ConnectionEntry& entry : connection.entries) {
      if (!flags_.holds(entry.when)) {
        continue;
      }
      const std::string below = fmt::format("{},{}", path, key_of(entry.prefix));
      if (auto error = at(entry.conditions, below)) {
        refusals.push_back({.error = *std::move(error)});
        return refusals;
      }
      if (entry.field == ConnectionField::kEdges) {
        if (auto error = in(*entry.edge, below + std::string(kFirstItem))) {
          refusals.push_back({.error = *std::move(error), .needs_items = true});
        }
      }
    }
    return refusals;
  }

  std::vector<Refusal> in(const ObjectPlan& object, const std::string& path) const {
    std::vector<Refusal> refusals;
    if (auto error = at(object.conditions, path)) {
      refusals.push_back({.error = *std::move(error)});
      return refusals;
    }
    for (const ObjectEntry& entry : object.entries) {
      if (entry.list == nullptr || !flags_.holds(entry.when)) {
        continue;
      }
      if (auto error =
              in(*entry.shape, fmt::format("{},{}{}", path, key_of(entry.prefix), kFirstItem))) {
        refusals.push_back({.error = *std::move(error), .needs_items = true, .list = &entry});
      }
    }
    return refusals;
  }

  // Recursion is bounded by the nesting of the document.
  std::optional<BoundError> in(const Shape& shape, const std::string& path) const {
    if (auto error = at(shape.conditions, path)) {
      return error;
    }
    for (const ShapeField& field : shape.fields) {
      if (field.child == nullptr || !flags_.holds(field.when)) {
        continue;
      }
      if (auto error = in(*field.child, fmt::format("{},{}{}", path, key_of(field.prefix),
                                                    first_item(*field.type)))) {
        return error;
      }
    }
    return std::nullopt;
  }

 private:
  const planning::Plan& plan_;
  const graphql::Variables& variables_;
  const ActiveFlags& flags_;
};

}  // namespace

std::optional<BoundError> refusal_of_operation(const planning::Plan& plan,
                                               const graphql::Variables& variables,
                                               const ActiveFlags& flags) {
  return Finder(plan, variables, flags).at(plan.conditions, {});
}

std::vector<Refusal> refusals_below(const planning::RootEntry& root, const planning::Plan& plan,
                                    const graphql::Variables& variables, const ActiveFlags& flags) {
  const Finder finder(plan, variables, flags);
  const std::string path = fmt::format("[{}", key_of(root.prefix));
  if (const auto* connection = std::get_if<ConnectionPlan>(&root.work)) {
    return finder.in(*connection, path);
  }
  if (const auto* object = std::get_if<ObjectPlan>(&root.work)) {
    return finder.in(*object, path);
  }
  const auto* command = std::get_if<planning::CommandPlan>(&root.work);
  if (command == nullptr || command->shape == nullptr) {
    return {};
  }
  const std::string items = first_item(*root.definition->type);
  auto error = finder.in(*command->shape, path + items);
  return error ? std::vector<Refusal>{{.error = *std::move(error), .needs_items = !items.empty()}}
               : std::vector<Refusal>();
}

std::string path_of(const planning::RootEntry& root) {
  return fmt::format("[{}]", key_of(root.prefix));
}

}  // namespace matricula::execution
