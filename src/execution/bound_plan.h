#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "execution/active_flags.h"
#include "execution/bound_page.h"
#include "execution/limits.h"
#include "execution/refusals.h"
#include "graphql/coercion/input.h"
#include "planning/plan.h"

namespace matricula::execution {

// The coerced arguments of a root field by name; an absent argument is not among them.
using Arguments = std::vector<std::pair<std::string_view, graphql::Input>>;

const graphql::Input* argument(const Arguments& arguments, std::string_view name);

struct BoundConnection {
  const planning::ConnectionPlan* plan = nullptr;
  BoundPage page;
  std::string guarded = {};  // the argument that the root's guard checks; empty where it has none
};

struct BoundObject {
  const planning::ObjectPlan* plan = nullptr;
  std::optional<std::string> narrowing = {};  // the argument that narrows its lists, where given
};

struct BoundCommand {
  const planning::CommandPlan* plan = nullptr;
  Arguments arguments;
};

// A root field that is part of this request's answer, with its arguments. Where they cannot be
// used, a BoundError, which is the error of the field once it is run.
struct BoundRoot {
  const planning::RootEntry* entry = nullptr;
  std::variant<const planning::TypenamePlan*, const planning::IntrospectionPlan*, BoundConnection,
               BoundObject, BoundCommand, BoundError>
      work;
  std::vector<Refusal> refusals = {};  // of objects below it
};

// A plan with the values of one request: all that is left is to run it, any number of times. Made
// by bind_plan() alone. May be handed from thread to thread.
class BoundPlan {
 public:
  const planning::Plan& plan() const { return *plan_; }
  const graphql::Variables& variables() const { return variables_; }
  const ActiveFlags& flags() const { return flags_; }
  // In the order of the answer; nothing follows the first BoundError.
  const std::vector<BoundRoot>& roots() const { return roots_; }
  // The error of the whole operation, which then has no roots; it has no path.
  const std::optional<BoundError>& refusal() const { return refusal_; }
  bool is_mutation() const {
    return plan_->operation->operation == graphql::OperationType::kMutation;
  }
  // The connection that is all of the plan; null where there is anything else.
  const BoundConnection* only_connection() const {
    return roots_.size() == 1 ? std::get_if<BoundConnection>(&roots_.front().work) : nullptr;
  }

 private:
  friend BoundPlan bind_plan(std::shared_ptr<const planning::Plan> plan,
                             graphql::Variables variables, const ExecutionLimits& limits);
  BoundPlan(std::shared_ptr<const planning::Plan> plan, graphql::Variables variables)
      : plan_(std::move(plan)), variables_(std::move(variables)), flags_(*plan_, variables_) {}

  std::shared_ptr<const planning::Plan> plan_;
  graphql::Variables variables_;
  ActiveFlags flags_;
  std::vector<BoundRoot> roots_;
  std::optional<BoundError> refusal_;
};

// Coerces the arguments of the plan's root fields (GraphQL, section 6.4.1), and turns the inputs of
// connections into pages. An argument that cannot be used is an error of its field and not of the
// request: mutations before it are executed (section 6.2.2).
BoundPlan bind_plan(std::shared_ptr<const planning::Plan> plan, graphql::Variables variables,
                    const ExecutionLimits& limits);

}  // namespace matricula::execution
