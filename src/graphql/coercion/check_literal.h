#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "graphql/coercion/input.h"
#include "graphql/language/ast.h"
#include "graphql/schema/schema.h"

namespace matricula::graphql {

// Where in a value something is wrong: `.name` and `[index]` steps.
struct PathStep {
  std::string_view name = {};  // empty for an index
  std::size_t index = 0;
};
using Path = std::vector<PathStep>;

// ` at .list[2].name`; empty for the value itself.
std::string path_text(const Path& path);

struct LiteralCheck {
  // Null while validating: variables then pass, whatever they will hold.
  const Variables* variables = nullptr;
  bool suggestions = true;
  // Returns whether to go on.
  std::function<bool(std::string message, Offset offset, const Path& path)> report = {};
};

// Reports everything that is wrong with a literal for a type, until `report` returns false:
// GraphQL, section 5.6, in graphql-js's words (validateInputLiteral). Recursion is bounded by the
// nesting of the literal.
void check_literal(const LiteralCheck& check, const Value& value, const Type& type);

// The error of a @oneOf object that has not exactly one field that is not null.
std::string one_of_message(const NamedType& type);

}  // namespace matricula::graphql
