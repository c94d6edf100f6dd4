#include "pipeline/bind.h"

namespace matricula::pipeline {

gate::Stage<execution::BoundPlan> bind(const Service& service, const EndpointRequest& request,
                                       const PreparedRequest& prepared) {
  const PipelineOptions& options = service.options;
  const planning::Plan& plan = prepared.plan();
  auto variables = graphql::coerce_variables(*request.endpoint.schema, *plan.document,
                                             *plan.operation, prepared.variables(),
                                             {.suggestions = options.validation.suggestions});
  if (!variables) {
    return gate::refuse(request_error_reply(request.media, variables.error()));
  }
  return execution::bind_plan(prepared.share_plan(), std::move(*variables), options.execution);
}

}  // namespace matricula::pipeline
