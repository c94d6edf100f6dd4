#pragma once

#include "domains/domains.h"
#include "planning/plan.h"

namespace matricula::pipeline {

// Fields that need no authentication, such as generateToken, and the rules that hold for them.

bool is_public(const domains::Definition& definition, const planning::CommandRoot& root);

// Whether a stranger may send the operation: it has public fields and, at most, __typename and
// introspection beside them.
bool is_public_operation(const domains::Definition& definition, const planning::Plan& plan);

// A public field that the operation has a second time, null where there is none: one request must
// not be many guesses.
const planning::RootEntry* repeated_public_field(const domains::Definition& definition,
                                                 const planning::Plan& plan);

}  // namespace matricula::pipeline
