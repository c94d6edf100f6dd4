#pragma once

#include "graphql/validation/context.h"

namespace matricula::graphql {

// Counts selection depth, aliases, root fields and fragments of each operation with what its
// fragments bring, and reports the first limit that is passed. The parser has counted what is
// written.
// Precondition: the document obeys every rule, so fragments have no cycles.
void check_expanded_limits(Context& context);

}  // namespace matricula::graphql
