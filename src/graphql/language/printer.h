#pragma once

#include <string>
#include <string_view>

#include "graphql/language/ast.h"

namespace matricula::graphql {

// A document or a value as graphql-js prints it: two spaces of indentation, lines broken at 80
// UTF-16 units. The text parses to the same tree. Time and memory grow with text and nesting.
std::string print(const Document& document);
std::string print(const Value& value);
std::string print(const TypeReference& type);  // such as [ID!]!

// A string with its quotes, as a string or as a block string.
std::string print_string(std::string_view value);
std::string print_block_string(std::string_view value);
// Whether a block string can hold the value: its own indentation would be lost otherwise.
bool is_printable_as_block_string(std::string_view value);

}  // namespace matricula::graphql
