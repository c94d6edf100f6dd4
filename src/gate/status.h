#pragma once

#include "base/error.h"

namespace matricula::gate {

// The HTTP status that answers an error of this code. The one map of the program: a GraphQL
// endpoint answers 200 where GraphQL over HTTP says so, everything else is read from here.
int http_status(ErrorCode code);

}  // namespace matricula::gate
