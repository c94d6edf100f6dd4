#pragma once

#include "auth/callers/principal.h"
#include "execution/executor.h"
#include "http/message.h"
#include "pipeline/endpoint_request.h"
#include "pipeline/service.h"
#include "ratelimit/limiter.h"

namespace matricula::pipeline {

// The owner of an answer's memory in budgets: the identity of the rate limit.
spool::Owner owner_of(const auth::Principal& caller);

// The response for what running a plan came to: 200 with data or with an error, 429 where an
// allowance was spent, 503 where the store did not answer. `charged` is what the headers say.
http::Response write(const Service& service, const EndpointRequest& request,
                     const auth::Principal& caller, const execution::BoundPlan& plan,
                     execution::ExecutionOutcome outcome, const ratelimit::Decision& charged);

}  // namespace matricula::pipeline
