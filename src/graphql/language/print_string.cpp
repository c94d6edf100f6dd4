#include <algorithm>
#include <fmt/format.h>

#include "graphql/language/characters.h"
#include "graphql/language/printer.h"

namespace matricula::graphql {

namespace {

constexpr std::size_t kSingleLineMax = 70;

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

void append_escaped(std::string& out, unsigned code) {
  switch (code) {
    case '\b':
      out += "\\b";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\r':
      out += "\\r";
      return;
    case '"':
    case '\\':
      out += '\\';
      out += static_cast<char>(code);
      return;
    default:
      out += fmt::format("\\u{:04X}", code);
  }
}

}  // namespace

std::string print_string(std::string_view value) {
  std::string out = "\"";
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto byte = static_cast<unsigned char>(value[i]);
    const unsigned next = i + 1 < value.size() ? static_cast<unsigned char>(value[i + 1]) : 0U;
    if (byte < 0x20 || byte == '"' || byte == '\\' || byte == 0x7F) {
      append_escaped(out, byte);
    } else if (byte == 0xC2 && next < 0xA0) {
      // U+0080 to U+009F, the control characters of two bytes.
      append_escaped(out, next);
      ++i;
    } else {
      out += value[i];
    }
  }
  return out + '"';
}

bool is_printable_as_block_string(std::string_view value) {
  if (value.empty()) {
    return true;
  }
  bool is_empty_line = true;
  bool has_indent = false;
  bool has_common_indent = true;
  bool seen_line = false;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x10 && c != '\n' && c != '\t') {
      return false;
    }
    if (c == '\n') {
      if (is_empty_line && !seen_line) {
        return false;
      }
      seen_line = true;
      is_empty_line = true;
      has_indent = false;
    } else if (is_blank(c)) {
      has_indent = has_indent || is_empty_line;
    } else {
      has_common_indent = has_common_indent && has_indent;
      is_empty_line = false;
    }
  }
  return !is_empty_line && !(has_common_indent && seen_line);
}

std::string print_block_string(std::string_view value) {
  std::string escaped;
  std::size_t position = 0;
  for (std::size_t quotes = 0;
       (quotes = value.find(R"(""")", position)) != std::string_view::npos;) {
    escaped.append(value, position, quotes - position).append(R"(\""")");
    position = quotes + 3;
  }
  escaped.append(value, position);

  const bool is_single_line = escaped.find_first_of("\n\r") == std::string::npos;
  bool all_others_indented = !is_single_line;
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    if (escaped[i] == '\n' || escaped[i] == '\r') {
      i += escaped.compare(i, 2, "\r\n") == 0 ? 1 : 0;
      const char first = i + 1 < escaped.size() ? escaped[i + 1] : '\n';
      all_others_indented =
          all_others_indented && (is_blank(first) || first == '\n' || first == '\r');
    }
  }
  const bool ends_with_quotes = escaped.ends_with(R"(\""")");
  const bool ends_with_quote = value.ends_with('"') && !ends_with_quotes;
  const bool needs_last_line = ends_with_quote || value.ends_with('\\');
  const bool is_multiline = !is_single_line || utf16_length(value) > kSingleLineMax ||
                            needs_last_line || all_others_indented || ends_with_quotes;
  const bool starts_blank = is_single_line && !value.empty() && is_blank(value.front());

  std::string out = R"(""")";
  if ((is_multiline && !starts_blank) || all_others_indented) {
    out += '\n';
  }
  out += escaped;
  if (is_multiline || needs_last_line) {
    out += '\n';
  }
  return out + R"(""")";
}

}  // namespace matricula::graphql
