#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <tl/expected.hpp>

#include "graphql/coercion/input.h"
#include "graphql/language/ast.h"
#include "graphql/language/diagnostic.h"
#include "graphql/schema/schema.h"

namespace matricula::graphql {

struct IntrospectionLimits {
  std::size_t bytes = 4 * 1024 * 1024;  // of the answer; visiting a selection costs one as well
  std::size_t depth = 200;              // objects within objects
};

// Appends the JSON value of a `__schema` or `__type` field of the query root, in graphql-js's order
// and detail. `fields` are the selections merged under one response key (GraphQL, section 6.3.2,
// CollectFields), all of a document that is valid for the schema. Pure; `out` holds part of the
// value after an error.
tl::expected<void, Diagnostic> write_introspection(const Schema& schema, const Document& document,
                                                   std::span<const Selection* const> fields,
                                                   const Variables& variables,
                                                   const IntrospectionLimits& limits,
                                                   std::string& out);

}  // namespace matricula::graphql
