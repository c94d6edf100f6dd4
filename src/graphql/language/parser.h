#pragma once

#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "graphql/language/ast.h"
#include "graphql/language/diagnostic.h"

namespace matricula::graphql {

// Counted while reading, so that no document is held that breaks them. The message names the limit.
struct ParseLimits {
  std::size_t tokens = 10'000;
  std::size_t selection_depth = 15;  // selections under __schema and __type do not count
  std::size_t nesting = 200;         // lists, objects, types and selection sets of any kind
  std::size_t aliases = 100;
  std::size_t root_fields = 50;
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
