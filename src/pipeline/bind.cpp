#include "pipeline/bind.h"

namespace matricula::pipeline {

gate::Stage<execution::BoundPlan> bind(const EndpointRequest& request,
                                       const PreparedRequest& prepared,
                                       const BindOptions& options) {
  const planning::Plan& plan = prepared.plan();
  auto variables =
      graphql::coerce_variables(*request.endpoint.schema, *plan.document, *plan.operation,
                                prepared.variables(), {.suggestions = options.suggestions});
  if (!variables) {
    return gate::refuse(request_error_reply(request.media, variables.error()));
  }
  return execution::bind_plan(prepared.share_plan(), std::move(*variables), options.limits);
}

}  // namespace matricula::pipeline
