#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "graphql/coercion/input.h"
#include "graphql/language/ast.h"
#include "graphql/language/diagnostic.h"
#include "graphql/schema/schema.h"

namespace matricula::graphql {

struct IntrospectionLimits {
  std::size_t bytes = 4 * 1024 * 1024;  // of the answer; visiting a selection costs one as well
  std::size_t depth = 200;              // objects within objects
};

// An error below an introspection field.
struct PathError {
  Diagnostic diagnostic;
  std::string path = {};  // behind that of the field: JSON, a comma before each step
};
using PathErrors = std::vector<PathError>;

// Appends the JSON value of a `__schema` or `__type` field of the query root, in graphql-js's order
// and detail. `fields` are the selections merged under one response key (GraphQL, section 6.3.2,
// CollectFields), all of a document that is valid for the schema. The errors of nullable fields,
// which are null in the value; or, where there is no value, the same with the error that leaves
// none behind them, and `out` holds part of a value. Pure.
tl::expected<PathErrors, PathErrors> write_introspection(
    const Schema& schema, const Document& document, std::span<const Selection* const> fields,
    const Variables& variables, const IntrospectionLimits& limits, std::string& out);

}  // namespace matricula::graphql
