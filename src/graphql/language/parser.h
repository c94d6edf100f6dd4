#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "graphql/language/ast.h"
#include "graphql/language/diagnostic.h"

namespace matricula::graphql {

// Counted while reading, so that no document is held that breaks them. The message names the limit,
// the location is that of the token that passed it. Depth and root fields are counted as written:
// what fragment spreads add to them only validation knows, and must count there.
struct ParseLimits {
  std::size_t tokens = 10'000;
  // Fields within fields, of an operation or of a fragment; inline fragments add nothing. Fields
  // under __schema and __type, and in fragments on introspection types, do not count.
  std::size_t selection_depth = 15;
  std::size_t nesting = 200;     // lists, objects, types and selection sets of any kind
  std::size_t aliases = 100;     // of the document
  std::size_t root_fields = 50;  // of an operation, inline fragments included
};

inline constexpr ParseLimits kUnlimited = {.tokens = SIZE_MAX,
                                           .selection_depth = 180,
                                           .nesting = 200,
                                           .aliases = SIZE_MAX,
                                           .root_fields = SIZE_MAX};

using ParseResult = tl::expected<std::shared_ptr<const Document>, Diagnostic>;

// Reads a document with executable definitions and type system definitions (GraphQL, section 2 and
// Appendix B). Wording and locations of errors are graphql-js's. Pure; recursion is bounded by
// `limits.nesting`.
ParseResult parse(std::string source, const ParseLimits& limits);

}  // namespace matricula::graphql
