#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "graphql/language/ast.h"

namespace matricula::graphql::printing {

using Parts = std::vector<std::string>;

// The parts that are not empty, with the separator between them.
std::string join(const Parts& parts, std::string_view separator);
// Empty when the text is.
std::string wrap(std::string_view start, std::string_view text, std::string_view end = {});
// Two spaces in front of every line; empty when the text is.
std::string indent(std::string_view text);
// `{ ... }` over several lines; empty when there are no parts.
std::string block(const Parts& parts);
// `(a: 1, b: 2)`, over several lines when one line would be too long after `prefix`.
std::string with_arguments(std::string prefix, const Parts& arguments);
bool has_lines(const Parts& parts);
// In UTF-16 units.
std::size_t joined_length(const Parts& parts, std::string_view separator);

inline constexpr std::size_t kLineLengthMax = 80;

template <typename Items, typename Print>
Parts each(const Items& items, const Print& print) {
  Parts parts;
  parts.reserve(items.size());
  for (const auto& item : items) {
    parts.push_back(print(item));
  }
  return parts;
}

// Pieces that both executable and type system definitions are made of.
std::string description(const Description& description);
std::string directives(std::span<const Directive> directives);
std::string type_system_definition(const Definition& definition);

}  // namespace matricula::graphql::printing
