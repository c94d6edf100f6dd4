#pragma once

#include <string_view>

#include "graphql/language/ast.h"

namespace matricula::graphql {

// The keyword of an operation: query, mutation, subscription.
std::string_view operation_word(OperationType operation);

// GraphQL, section 2.12, TypeSystemDirectiveLocation: where a directive of the definition itself
// stands. Empty for executable definitions.
std::string_view directive_location(DefinitionKind kind);

}  // namespace matricula::graphql
