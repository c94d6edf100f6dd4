#pragma once

#include "graphql/coercion/input.h"
#include "planning/plan.h"

namespace matricula::pipeline {

// Whether running the plan may hold up an event loop: it counts, searches, walks a filter, lists
// everything, hashes or writes.
bool is_heavy(const planning::Plan& plan, const graphql::Variables& variables);

}  // namespace matricula::pipeline
