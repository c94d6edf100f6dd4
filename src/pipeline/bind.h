#pragma once

#include "execution/bound_plan.h"
#include "execution/limits.h"
#include "gate/stage.h"
#include "pipeline/endpoint_request.h"
#include "pipeline/prepare.h"

namespace matricula::pipeline {

struct BindOptions {
  const execution::ExecutionLimits& limits;
  bool suggestions = true;  // "Did you mean ..." in what is refused
};

// The plan with the request's values: variables, arguments and pages are coerced here, once.
// Refusals: variables that cannot be coerced. What is wrong with the arguments of one root field is
// that field's error: see execution::BoundRoot.
gate::Stage<execution::BoundPlan> bind(const EndpointRequest& request,
                                       const PreparedRequest& prepared, const BindOptions& options);

}  // namespace matricula::pipeline
