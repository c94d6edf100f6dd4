#include "execution/bound_plan.h"

#include <algorithm>

#include "base/assert.h"
#include "base/result.h"

namespace matricula::execution {

using graphql::Input;
using planning::CommandPlan;
using planning::ConnectionPlan;
using planning::IntrospectionPlan;
using planning::ObjectPlan;
using planning::RootEntry;
using planning::TypenamePlan;

const Input* argument(const Arguments& arguments, std::string_view name) {
  const auto found = std::ranges::find(arguments, name, &Arguments::value_type::first);
  return found == arguments.end() ? nullptr : &found->second;
}

namespace {

// The text at an argument's path ("contractId", "input.planId"); empty when absent or null.
std::string_view text_at(const Arguments& arguments, std::string_view path) {
  const std::size_t dot = path.find('.');
  const Input* input = argument(arguments, path.substr(0, dot));
  if (input != nullptr && dot != std::string_view::npos && !input->is_null()) {
    input = input->field(path.substr(dot + 1));
  }
  return input == nullptr || input->is_null() ? std::string_view()
                                              : std::get<std::string>(input->value);
}

bool is_given(const Arguments& arguments, std::string_view path) {
  const Input* input = argument(arguments, path.substr(0, path.find('.')));
  return input != nullptr && !input->is_null();
}

// The first of the root field's places that are part of the request: all have the same arguments.
const graphql::Selection& node_of(const BoundPlan& plan, const RootEntry& entry) {
  const auto place = std::ranges::find_if(entry.places, [&](const planning::FlaggedNode& each) {
    return plan.flags().holds({.flag = each.flag});
  });
  MATRICULA_ASSERT(place != entry.places.end());
  return *place->node;
}

tl::expected<Arguments, BoundError> coerce_arguments(const BoundPlan& plan,
                                                     const RootEntry& entry) {
  const planning::Plan& whole = plan.plan();
  const std::string_view type = whole.schema->root(whole.operation->operation)->name;
  const graphql::Selection& node = node_of(plan, entry);
  Arguments arguments;
  for (const graphql::InputValue& definition : entry.definition->arguments) {
    const auto given =
        std::ranges::find(node.arguments, definition.name,
                          [](const graphql::Argument& each) { return each.name.value; });
    auto value = graphql::coerce_argument(*whole.document, definition,
                                          given == node.arguments.end() ? nullptr : &*given,
                                          plan.variables(), node, type);
    if (!value) {
      graphql::Diagnostic& error = value.error();
      return tl::unexpected(
          BoundError{.error = {.code = error.code, .message = std::move(error.message)},
                     .locations = std::move(error.locations)});
    }
    if (*value) {
      arguments.emplace_back(definition.name, std::move(**value));
    }
  }
  return arguments;
}

Result<BoundConnection> bind_connection(const RootEntry& entry, const ConnectionPlan& plan,
                                        const Arguments& arguments, const ExecutionLimits& limits,
                                        std::size_t& filter_values) {
  const Input* input = argument(arguments, "input");
  if (input != nullptr && input->is_null()) {
    input = nullptr;
  }
  const graphql::NamedType& input_type = entry.definition->argument("input")->type->innermost();
  BoundConnection bound{.plan = &plan, .page = {}};
  MATRICULA_TRY(bound.page, bind_page(*plan.root, input_type, input, limits, filter_values));
  if (plan.root->guard) {
    bound.guarded = text_at(arguments, plan.root->guard->argument);
  }
  return bound;
}

BoundObject bind_object(const ObjectPlan& plan, const Arguments& arguments) {
  BoundObject bound{.plan = &plan};
  const std::string_view path = plan.root->guard.argument;
  if (is_given(arguments, path)) {
    bound.narrowing = text_at(arguments, path);
  }
  return bound;
}

// A BoundError where the arguments cannot be used.
decltype(BoundRoot::work) bind_root(const BoundPlan& plan, const RootEntry& entry,
                                    const ExecutionLimits& limits, std::size_t& filter_values) {
  if (const auto* work = std::get_if<TypenamePlan>(&entry.work)) {
    return work;
  }
  if (const auto* work = std::get_if<IntrospectionPlan>(&entry.work)) {
    return work;
  }
  auto arguments = coerce_arguments(plan, entry);
  if (!arguments) {
    return std::move(arguments.error());
  }
  if (const auto* work = std::get_if<ConnectionPlan>(&entry.work)) {
    auto bound = bind_connection(entry, *work, *arguments, limits, filter_values);
    if (!bound) {
      return BoundError{.error = std::move(bound.error())};
    }
    return *std::move(bound);
  }
  if (const auto* work = std::get_if<ObjectPlan>(&entry.work)) {
    return bind_object(*work, *arguments);
  }
  return BoundCommand{.plan = &std::get<CommandPlan>(entry.work),
                      .arguments = *std::move(arguments)};
}

}  // namespace

BoundPlan bind_plan(std::shared_ptr<const planning::Plan> plan, graphql::Variables variables,
                    const ExecutionLimits& limits) {
  BoundPlan bound(std::move(plan), std::move(variables));
  const bool may_be_refused = bound.plan().has_nullable_conditions;
  if (may_be_refused) {
    bound.refusal_ = refusal_of_operation(bound.plan(), bound.variables(), bound.flags());
    if (bound.refusal_) {
      return bound;
    }
  }
  bound.roots_.reserve(bound.plan().roots.size());
  std::size_t filter_values = 0;  // of the whole request
  for (const RootEntry& entry : bound.plan().roots) {
    if (!bound.flags().holds(entry.when)) {
      continue;
    }
    BoundRoot& root = bound.roots_.emplace_back(
        BoundRoot{.entry = &entry, .work = bind_root(bound, entry, limits, filter_values)});
    if (std::holds_alternative<BoundError>(root.work)) {
      break;
    }
    if (may_be_refused) {
      root.refusals = refusals_below(entry, bound.plan(), bound.variables(), bound.flags());
    }
  }
  return bound;
}

}  // namespace matricula::execution
