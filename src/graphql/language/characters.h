#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace matricula::graphql {

// What a byte can be part of: GraphQL, section 2.1.
inline constexpr std::uint8_t kNameStart = 1;
inline constexpr std::uint8_t kDigit = 2;
inline constexpr std::uint8_t kBlank = 4;  // within a line; commas are blank too
inline constexpr std::uint8_t kNameContinue = kNameStart | kDigit;

inline constexpr std::array<std::uint8_t, 256> kCharacterClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned c = 'a'; c <= 'z'; ++c) {
    classes[c] = kNameStart;
    classes[c - 'a' + 'A'] = kNameStart;
  }
  classes['_'] = kNameStart;
  for (unsigned c = '0'; c <= '9'; ++c) {
    classes[c] = kDigit;
  }
  for (const char c : {' ', '\t', '\n', '\r', ','}) {
    classes[static_cast<unsigned char>(c)] = kBlank;
  }
  return classes;
}();

inline bool has_class(char c, std::uint8_t mask) {
  return (kCharacterClasses[static_cast<unsigned char>(c)] & mask) != 0;
}

// The code point that starts at `position`. Precondition: `text` is UTF-8 and has that position.
char32_t code_point_at(std::string_view text, std::size_t position);

void append_utf8(std::string& out, char32_t code_point);
// Writes at most four bytes; returns how many.
std::size_t write_utf8(char* out, char32_t code_point);

// How errors name the character at a position: "x", U+00E9, or <EOF> past the end.
std::string character_text(std::string_view text, std::size_t position);

std::size_t utf16_length(std::string_view text);

// The text from `position` that takes `units` UTF-16 code units; half a pair becomes U+FFFD.
std::string utf16_slice(std::string_view text, std::size_t position, std::size_t units);

}  // namespace matricula::graphql
