#pragma once

#include "graphql/schema/schema.h"

namespace matricula::graphql {

// Whether every object of `type` is one of the interface or union `abstract`.
bool is_sub_type(const NamedType& abstract, const NamedType& type);

// Whether some object can be of both types: GraphQL, section 5.5.2.3.
bool do_types_overlap(const NamedType& a, const NamedType& b);

// AreTypesCompatible (section 5.8.5) of a variable's type, with `non_null` in place of its own
// outermost mark, and the type of the place where it is used.
bool is_compatible(const Schema& schema, const TypeReference& variable, bool non_null,
                   const Type& place);

}  // namespace matricula::graphql
