#pragma once

#include "auth/callers/principal.h"
#include "execution/executor.h"
#include "pipeline/authorize.h"
#include "pipeline/lane.h"
#include "pipeline/pending.h"
#include "pipeline/service.h"

namespace matricula::pipeline {

// A bound plan and the caller it runs for. Borrows all of it.
struct RunRequest {
  const EndpointRequest& request;
  const auth::Principal& caller;
  const Tenant& tenant;
  const execution::BoundPlan& bound;
  execution::FirstRows* first = nullptr;  // the rows of its first statement, sent in a batch
};

struct RunOutcome {
  execution::ExecutionOutcome execution;
  ratelimit::Decision charged = {};  // by commands
};

// The bounds of an answer that hold for every request.
execution::AnswerBounds answer_bounds(const Service& service, const Pending& pending,
                                      const auth::Principal& caller);

// Reads the rows of each root field, or executes its command, and writes the JSON of the answer
// from them. On the lane's thread; no statement of it waits beyond the deadline of `bounds`.
RunOutcome run(const Service& service, Lane& lane, const RunRequest& request,
               const execution::AnswerBounds& bounds);

}  // namespace matricula::pipeline
