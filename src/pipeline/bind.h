#pragma once

#include "execution/bound_plan.h"
#include "gate/stage.h"
#include "pipeline/endpoint_request.h"
#include "pipeline/prepare.h"
#include "pipeline/service.h"

namespace matricula::pipeline {

// The plan with the request's values: variables, arguments and pages are coerced here, once.
// Refusals: variables that cannot be coerced. What is wrong with the arguments of one root field is
// that field's error: see execution::BoundRoot.
gate::Stage<execution::BoundPlan> bind(const Service& service, const EndpointRequest& request,
                                       const PreparedRequest& prepared);

}  // namespace matricula::pipeline
