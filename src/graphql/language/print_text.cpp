#include "graphql/language/print_text.h"

#include <algorithm>

#include "graphql/language/characters.h"

namespace matricula::graphql::printing {

std::string join(const Parts& parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) {
    if (!part.empty()) {
      if (!text.empty()) {
        text += separator;
      }
      text += part;
    }
  }
  return text;
}

std::string wrap(std::string_view start, std::string_view text, std::string_view end) {
  std::string wrapped;
  if (!text.empty()) {
    wrapped.reserve(start.size() + text.size() + end.size());
    wrapped.append(start).append(text).append(end);
  }
  return wrapped;
}

std::string indent(std::string_view text) {
  std::string indented = text.empty() ? "" : "  ";
  for (const char c : text) {
    indented += c;
    if (c == '\n') {
      indented += "  ";
    }
  }
  return indented;
}

std::string block(const Parts& parts) {
  return wrap("{\n", indent(join(parts, "\n")), "\n}");
}

std::string with_arguments(std::string prefix, const Parts& arguments) {
  if (arguments.empty()) {
    return prefix;
  }
  const bool is_long = utf16_length(prefix) + joined_length(arguments, ", ") + 2 > kLineLengthMax;
  return prefix + (is_long ? wrap("(\n", indent(join(arguments, "\n")), "\n)")
                           : wrap("(", join(arguments, ", "), ")"));
}

bool has_lines(const Parts& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [](const std::string& part) { return part.find('\n') != std::string::npos; });
}

std::size_t joined_length(const Parts& parts, std::string_view separator) {
  return utf16_length(join(parts, separator));
}

}  // namespace matricula::graphql::printing
