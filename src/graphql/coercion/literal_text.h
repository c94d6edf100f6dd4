#pragma once

#include <string>

#include "graphql/language/ast.h"

namespace matricula::graphql {

enum class VariablesInText {
  kAsWritten,
  kAsMissing,  // what a leaf type is shown: null in a list, nothing in an object
};

// A literal as error messages show it: print() of the value, with lines indented by a hundred
// levels at most (as graphql-js does), cut to kLiteralTextMax bytes: as much as
// a whole document of the default size. Time and memory are bounded by that.
inline constexpr std::size_t kLiteralTextMax = 256 * 1024;
std::string literal_text(const Value& value, VariablesInText variables);

}  // namespace matricula::graphql
