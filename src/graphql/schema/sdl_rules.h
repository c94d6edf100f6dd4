#pragma once

#include <string>
#include <vector>

#include "graphql/language/ast.h"
#include "graphql/language/diagnostic.h"

namespace matricula::graphql {

// "message (line:column)".
std::string with_location(std::string_view message, const Location& location);

// What is wrong with a document as the definition of a schema: duplicates, unknown names,
// directives out of place, as graphql-js's rules for SDL word it. `builtin` defines what every
// schema has.
std::vector<std::string> check_sdl(const Document& sdl, const Document& builtin);

}  // namespace matricula::graphql
