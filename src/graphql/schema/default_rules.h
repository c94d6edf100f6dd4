#pragma once

#include <string>
#include <vector>

#include "graphql/schema/schema.h"

namespace matricula::graphql {

// What is wrong with the default values of a schema, and with input objects that no finite value
// can fill (GraphQL, section 3.10, "Circular References"). Coercion relies on these: it applies
// defaults without checking them, and would not come to an end.
std::vector<std::string> check_defaults(const Schema& schema);

}  // namespace matricula::graphql
