#include "pipeline/charge_mutations.h"

#include <algorithm>
#include <fmt/format.h>

namespace matricula::pipeline {

gate::Stage<gate::Admission> charge_mutations(const gate::Gate& gate,
                                              const EndpointRequest& request,
                                              const gate::Identified& caller,
                                              const gate::Admission& admission,
                                              const execution::BoundPlan& bound) {
  if (!bound.is_mutation() || !admission.is_charged()) {
    return admission;
  }
  // Those that will not be executed count as well: an argument is wrong, or one before them fails.
  const auto mutations = static_cast<std::uint32_t>(
      std::ranges::count_if(bound.plan().roots, [&](const planning::RootEntry& entry) {
        return std::holds_alternative<planning::CommandPlan>(entry.work) &&
               bound.flags().holds(entry.when);
      }));
  const std::uint32_t limit = admission.decision().limit;
  if (mutations <= 1) {
    return admission;
  }
  if (mutations > limit) {
    return gate::refuse(field_error_reply(
        200, request.media,
        fmt::format("{} mutations count as {} requests, and the limit is {} in 60 seconds; send "
                    "fewer in a request.",
                    mutations, mutations, limit),
        ErrorCode::kLimitExceeded, first_key(bound.plan())));
  }
  return gate::charge_more(gate, caller, admission, mutations - 1);
}

}  // namespace matricula::pipeline
