#pragma once

#include <string>

#include "graphql/language/ast.h"

namespace matricula::graphql {

enum class VariablesInText {
  kAsWritten,
  kAsMissing,  // what a leaf type is shown: null in a list, nothing in an object
};

// A literal as error messages show it: print() of the value, with lines indented by a hundred
// levels at most, cut to kLiteralTextMax bytes. Time and memory are bounded by that.
inline constexpr std::size_t kLiteralTextMax = 16 * 1024;
std::string literal_text(const Value& value, VariablesInText variables);

}  // namespace matricula::graphql
