#pragma once

#include <string>

#include "graphql/language/ast.h"

namespace matricula::graphql {

enum class VariablesInText {
  kAsWritten,
  kAsMissing,  // what a leaf type is shown: null in a list, nothing in an object
};

// A literal as error messages show it: print() of the value, cut to kLiteralTextMax bytes, which
// 200 levels of nesting fit in. Time and memory are bounded by that.
inline constexpr std::size_t kLiteralTextMax = 64 * 1024;
std::string literal_text(const Value& value, VariablesInText variables);

}  // namespace matricula::graphql
