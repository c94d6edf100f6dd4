#pragma once

#include <cstddef>
#include <string_view>

namespace matricula::http {

// A field's text, or a member of its list, without the spaces and tabs around it (RFC 9110, section
// 5.6.3, OWS).
constexpr std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t first = text.find_first_not_of(kBlanks);
  return first == std::string_view::npos
             ? std::string_view()
             : text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace matricula::http
