#pragma once

#include "execution/bound_plan.h"
#include "gate/admit.h"
#include "pipeline/endpoint_request.h"

namespace matricula::pipeline {

// Each mutation counts as a request: the first was charged when the caller was admitted, the others
// are charged here, before any of them is executed. The admission with what is left of the
// allowance afterwards. Refusals: 429, after which nothing is charged for the request, and an error
// where the mutations are more than the whole allowance.
gate::Stage<gate::Admission> charge_mutations(const gate::Gate& gate,
                                              const EndpointRequest& request,
                                              const gate::Identified& caller,
                                              const gate::Admission& admission,
                                              const execution::BoundPlan& bound);

}  // namespace matricula::pipeline
