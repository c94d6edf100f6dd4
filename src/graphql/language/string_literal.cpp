#include "graphql/language/string_literal.h"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <optional>

#include "base/text.h"
#include "graphql/language/characters.h"

namespace matricula::graphql {

namespace {

constexpr std::string_view kBlockQuote = R"(""")";
constexpr std::string_view kEscapedBlockQuote = R"(\""")";

// Minus one for what is no hexadecimal digit.
std::int32_t hex_digit(std::string_view text, std::size_t position) {
  return position < text.size() ? hex_value(text[position]) : -1;
}

bool is_leading_surrogate(std::int32_t code) {
  return code >= 0xD800 && code <= 0xDBFF;
}
bool is_trailing_surrogate(std::int32_t code) {
  return code >= 0xDC00 && code <= 0xDFFF;
}
bool is_scalar_value(std::int32_t code) {
  return (code >= 0 && code < 0xD800) || (code > 0xDFFF && code <= 0x10FFFF);
}

// Four hexadecimal digits; minus one where they are not.
std::int32_t hex_code(std::string_view text, std::size_t position) {
  std::int32_t code = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::int32_t digit = hex_digit(text, position + i);
    if (digit < 0) {
      return -1;
    }
    code = code * 16 + digit;
  }
  return code;
}

struct Escape {
  char32_t value = 0;
  std::size_t size = 0;  // in UTF-16 units; of a bad escape, how much of it an error shows
  bool valid = false;
};

// \u{1F600}, at the backslash.
Escape read_variable_escape(std::string_view text, std::size_t position) {
  std::int32_t point = 0;
  std::size_t size = 3;
  while (size < 12) {
    const std::size_t here = position + size++;
    if (here < text.size() && text[here] == '}') {
      const bool valid = size >= 5 && is_scalar_value(point);
      return {.value = static_cast<char32_t>(point), .size = size, .valid = valid};
    }
    const std::int32_t digit = hex_digit(text, here);
    // Eight digits are read before the number counts as too large, as graphql-js does.
    if (digit < 0 || (point & 0x08000000) != 0) {
      break;
    }
    point = static_cast<std::int32_t>((static_cast<std::uint32_t>(point) << 4) |
                                      static_cast<std::uint32_t>(digit));
  }
  return {.size = size};
}

// \uXXXX or a surrogate pair of them, at the backslash.
Escape read_fixed_escape(std::string_view text, std::size_t position) {
  const std::int32_t code = hex_code(text, position + 2);
  if (is_scalar_value(code)) {
    return {.value = static_cast<char32_t>(code), .size = 6, .valid = true};
  }
  if (is_leading_surrogate(code) && text.substr(std::min(position + 6, text.size()), 2) == "\\u") {
    const std::int32_t trailing = hex_code(text, position + 8);
    if (is_trailing_surrogate(trailing)) {
      const std::int32_t point = 0x10000 + ((code - 0xD800) << 10) + (trailing - 0xDC00);
      return {.value = static_cast<char32_t>(point), .size = 12, .valid = true};
    }
  }
  return {.size = 6};
}

std::optional<char> simple_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return std::nullopt;
  }
}

Escape read_escape(std::string_view text, std::size_t position) {
  const char c = position + 1 < text.size() ? text[position + 1] : '\0';
  if (c == 'u') {
    return position + 2 < text.size() && text[position + 2] == '{'
               ? read_variable_escape(text, position)
               : read_fixed_escape(text, position);
  }
  const std::optional<char> value = simple_escape(c);
  return {.value = static_cast<unsigned char>(value.value_or('\0')),
          .size = 2,
          .valid = value.has_value()};
}

std::string bad_escape(std::string_view source, std::size_t position, const Escape& escape) {
  const bool is_unicode = position + 1 < source.size() && source[position + 1] == 'u';
  return fmt::format("Invalid {} escape sequence: \"{}\".", is_unicode ? "Unicode" : "character",
                     utf16_slice(source, position, escape.size));
}

char* allocate(std::pmr::memory_resource& memory, std::size_t bytes) {
  return static_cast<char*>(memory.allocate(std::max<std::size_t>(bytes, 1), 1));
}

std::size_t leading_blanks(std::string_view line) {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

// Calls `visit` with the number and the text of each line of a block string.
template <typename Visit>
void for_each_line(std::string_view raw, const Visit& visit) {
  std::size_t start = 0;
  for (std::size_t number = 0;; ++number) {
    const std::size_t end = std::min(raw.find_first_of("\n\r", start), raw.size());
    visit(number, raw.substr(start, end - start));
    if (end == raw.size()) {
      return;
    }
    start = end + (raw.substr(end, 2) == "\r\n" ? 2 : 1);
  }
}

// Copies one line with its escaped quotes undone; returns where the copy ends.
char* copy_line(char* out, std::string_view line) {
  while (true) {
    const std::size_t escaped = line.find(kEscapedBlockQuote);
    out = std::copy_n(line.data(), std::min(escaped, line.size()), out);
    if (escaped == std::string_view::npos) {
      return out;
    }
    out = std::copy(kBlockQuote.begin(), kBlockQuote.end(), out);
    line.remove_prefix(escaped + kEscapedBlockQuote.size());
  }
}

}  // namespace

StringLiteral scan_string(std::string_view source, std::size_t start) {
  StringLiteral literal;
  std::size_t position = start + 1;
  while (position < source.size()) {
    const char c = source[position];
    if (c == '"') {
      literal.end = position + 1;
      return literal;
    }
    if (c == '\n' || c == '\r') {
      break;
    }
    if (c != '\\') {
      ++position;
      continue;
    }
    literal.verbatim = false;
    const Escape escape = read_escape(source, position);
    if (!escape.valid) {
      return {.end = position, .error = bad_escape(source, position, escape)};
    }
    position += escape.size;
  }
  return {.end = position, .error = "Unterminated string."};
}

StringLiteral scan_block_string(std::string_view source, std::size_t start) {
  StringLiteral literal;
  std::size_t position = start + 3;
  while (position < source.size()) {
    position = source.find_first_of("\"\\\n\r", position);
    if (position == std::string_view::npos) {
      break;
    }
    const std::string_view rest = source.substr(position);
    if (rest.starts_with(kBlockQuote)) {
      // A single line keeps its blanks, unless it has nothing else.
      const std::string_view text = source.substr(start + 3, position - start - 3);
      literal.verbatim = literal.verbatim && leading_blanks(text) < text.size();
      literal.end = position + 3;
      return literal;
    }
    literal.verbatim = literal.verbatim && rest.front() == '"';
    position += rest.starts_with(kEscapedBlockQuote) ? kEscapedBlockQuote.size() : 1;
  }
  return {.end = source.size(), .error = "Unterminated string."};
}

std::string_view decode_string(std::string_view raw, std::pmr::memory_resource& memory) {
  char* const begin = allocate(memory, raw.size());
  char* out = begin;
  std::size_t position = 0;
  while (position < raw.size()) {
    const std::size_t backslash = std::min(raw.find('\\', position), raw.size());
    out = std::copy_n(raw.data() + position, backslash - position, out);
    position = backslash;
    if (position < raw.size()) {
      const Escape escape = read_escape(raw, position);
      // An escape is never shorter than what it stands for.
      out += write_utf8(out, escape.value);
      position += escape.size;
    }
  }
  return {begin, static_cast<std::size_t>(out - begin)};
}

// BlockStringValue(): GraphQL, section 2.9.4.
std::string_view decode_block_string(std::string_view raw, std::pmr::memory_resource& memory) {
  std::size_t common_indent = std::string_view::npos;
  std::optional<std::size_t> first;
  std::size_t last = 0;
  for_each_line(raw, [&](std::size_t number, std::string_view line) {
    const std::size_t indent = leading_blanks(line);
    if (indent == line.size()) {
      return;
    }
    first = first.value_or(number);
    last = number;
    if (number != 0) {
      common_indent = std::min(common_indent, indent);
    }
  });
  if (!first) {
    return {};
  }
  char* const begin = allocate(memory, raw.size());
  char* out = begin;
  for_each_line(raw, [&](std::size_t number, std::string_view line) {
    if (number < *first || number > last) {
      return;
    }
    if (number != *first) {
      *out++ = '\n';
    }
    out = copy_line(out, number == 0 ? line : line.substr(std::min(common_indent, line.size())));
  });
  return {begin, static_cast<std::size_t>(out - begin)};
}

}  // namespace matricula::graphql
