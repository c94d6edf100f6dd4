#pragma once

#include <string>
#include <vector>

#include "graphql/schema/schema.h"

namespace matricula::graphql {

// What is wrong with the types of a schema (GraphQL, sections 3.3 to 3.10, "Type Validation"), as
// graphql-js's validateSchema words it.
std::vector<std::string> check_schema(const Schema& schema);

}  // namespace matricula::graphql
