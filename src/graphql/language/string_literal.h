#pragma once

#include <cstddef>
#include <memory_resource>
#include <string>
#include <string_view>

namespace matricula::graphql {

// Where a string ends, or why it is none: GraphQL, section 2.9.4.
struct StringLiteral {
  std::size_t end = 0;     // one past the closing quote; with an error, the offset of what is wrong
  bool verbatim = true;    // its value is its text
  std::string error = {};  // empty when the string is well-formed
};

// `start` is the offset of the opening quote.
StringLiteral scan_string(std::string_view source, std::size_t start);
StringLiteral scan_block_string(std::string_view source, std::size_t start);

// The value of the text between the quotes, written to `memory`. Precondition: the scan accepted
// it.
std::string_view decode_string(std::string_view raw, std::pmr::memory_resource& memory);
std::string_view decode_block_string(std::string_view raw, std::pmr::memory_resource& memory);

}  // namespace matricula::graphql
