#pragma once

#include <string>

#include "graphql/schema/coordinate.h"
#include "graphql/schema/schema.h"

namespace matricula::graphql {

// The SDL of a schema without what every schema has, as graphql-js's printSchema writes it.
std::string print_schema(const Schema& schema);

// The SDL of one element, its description included, written as in the schema.
std::string print_element(const SchemaElement& element);

}  // namespace matricula::graphql
