#pragma once

#include "domains/domains.h"
#include "planning/plan.h"

namespace matricula::pipeline {

// Fields that need no caller, such as generateToken, and the rules that hold for them.

// Whether the field may be asked by anybody.
bool is_open(const domains::Definition& definition, const planning::CommandRoot& root);

// Whether the operation needs no identified caller: it asks for open fields and, at most,
// for __typename and introspection beside them.
bool needs_nobody(const domains::Definition& definition, const planning::Plan& plan);

// An open field that stands a second time in the operation, null where there is none: one request
// must not be many guesses.
const planning::RootEntry* repeated_open_field(const domains::Definition& definition,
                                               const planning::Plan& plan);

}  // namespace matricula::pipeline
