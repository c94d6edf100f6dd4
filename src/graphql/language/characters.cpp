#include "graphql/language/characters.h"

#include <fmt/format.h>

#include "base/assert.h"

namespace matricula::graphql {

namespace {

std::size_t utf8_length(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0x80) {
    return 1;
  }
  return byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

}  // namespace

char32_t code_point_at(std::string_view text, std::size_t position) {
  const std::size_t length = utf8_length(text[position]);
  MATRICULA_ASSERT(position + length <= text.size());
  if (length == 1) {
    return static_cast<unsigned char>(text[position]);
  }
  char32_t point = static_cast<unsigned char>(text[position]) & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    point = (point << 6) | (static_cast<unsigned char>(text[position + i]) & 0x3FU);
  }
  return point;
}

std::size_t write_utf8(char* out, char32_t point) {
  const auto tail = [point](unsigned shift) {
    return static_cast<char>(0x80 | ((point >> shift) & 0x3F));
  };
  if (point < 0x80) {
    out[0] = static_cast<char>(point);
    return 1;
  }
  if (point < 0x800) {
    out[0] = static_cast<char>(0xC0 | (point >> 6));
    out[1] = tail(0);
    return 2;
  }
  if (point < 0x10000) {
    out[0] = static_cast<char>(0xE0 | (point >> 12));
    out[1] = tail(6);
    out[2] = tail(0);
    return 3;
  }
  out[0] = static_cast<char>(0xF0 | (point >> 18));
  out[1] = tail(12);
  out[2] = tail(6);
  out[3] = tail(0);
  return 4;
}

void append_utf8(std::string& out, char32_t code_point) {
  char bytes[4];
  out.append(bytes, write_utf8(bytes, code_point));
}

std::string character_text(std::string_view text, std::size_t position) {
  if (position >= text.size()) {
    return "<EOF>";
  }
  const char32_t point = code_point_at(text, position);
  if (point == '"') {
    return "'\"'";
  }
  if (point >= 0x20 && point <= 0x7E) {
    return fmt::format("\"{}\"", static_cast<char>(point));
  }
  return fmt::format("U+{:04X}", static_cast<std::uint32_t>(point));
}

std::size_t utf16_length(std::string_view text) {
  std::size_t length = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    length += byte >= 0xF0 ? 2 : (byte & 0xC0) == 0x80 ? 0 : 1;
  }
  return length;
}

std::string utf16_slice(std::string_view text, std::size_t position, std::size_t units) {
  std::string slice;
  while (units > 0 && position < text.size()) {
    const std::size_t length = utf8_length(text[position]);
    if (length == 4 && units == 1) {
      append_utf8(slice, 0xFFFD);
      break;
    }
    slice.append(text.substr(position, length));
    position += length;
    units -= length == 4 ? 2 : 1;
  }
  return slice;
}

}  // namespace matricula::graphql
