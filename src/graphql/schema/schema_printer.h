#pragma once

#include <string>

#include "graphql/schema/schema.h"

namespace matricula::graphql {

// The SDL of a schema without what every schema has, as graphql-js's printSchema writes it.
std::string print_schema(const Schema& schema);

}  // namespace matricula::graphql
