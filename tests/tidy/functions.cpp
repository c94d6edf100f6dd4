#include "tests/tidy/functions.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace matricula::tidy {
namespace {

// Lines that a head may take up to its brace or semicolon.
constexpr std::size_t kHeadLinesMax = 16;

constexpr std::array<std::string_view, 20> kNoHeads = {
    "//",     "#",     "}",     "{",      "namespace ", "using ",  "class ",
    "struct", "enum ", "union", "return", "if ",        "for ",    "while ",
    "switch", "case ", "else",  "R\"",    "EXPECT_",    "ASSERT_",
};

bool is_identifier(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string_view trimmed(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  return line;
}

bool may_be_head(std::string_view line) {
  const std::string_view text = trimmed(line);
  // Deeper than a member of a class of a namespace are statements.
  return !text.empty() && !text.ends_with(':') && line.size() - text.size() <= 2 &&
         std::none_of(kNoHeads.begin(), kNoHeads.end(),
                      [&](std::string_view start) { return text.starts_with(start); });
}

// The commas between the parentheses that begin at `open`, at no deeper level, plus one; 0 where
// there is nothing between them.
std::size_t parameters_at(std::string_view head, std::size_t open) {
  std::size_t commas = 0;
  int depth = 0;
  int angles = 0;
  bool is_empty = true;
  for (std::size_t i = open; i < head.size(); ++i) {
    const char c = head[i];
    depth += c == '(' || c == '[' || c == '{' ? 1 : 0;
    depth -= c == ')' || c == ']' || c == '}' ? 1 : 0;
    if (depth == 0) {
      break;
    }
    angles += c == '<' ? 1 : 0;
    angles -= c == '>' && head[i - 1] != '-' ? 1 : 0;
    commas += c == ',' && depth == 1 && angles == 0 ? 1 : 0;
    is_empty = is_empty && (i == open || c == ' ');
  }
  return is_empty ? 0 : commas + 1;
}

// The name in front of the first parenthesis, "" where the head is that of no function: an
// initialiser, a call, a macro.
std::string name_of(std::string_view head, std::size_t open) {
  std::size_t start = open;
  while (start > 0 &&
         (is_identifier(head[start - 1]) || head[start - 1] == ':' || head[start - 1] == '~')) {
    --start;
  }
  const std::string_view name = head.substr(start, open - start);
  const std::string_view before = head.substr(0, start);
  // Constants may be initialised in parentheses: kText("...").
  const bool is_constant = name.size() > 1 && name[0] == 'k' && name[1] >= 'A' && name[1] <= 'Z';
  const bool is_constructor = before.find_first_not_of(' ') == std::string_view::npos;
  if (name.empty() || is_constant || before.find('=') != std::string_view::npos ||
      (is_constructor && head.back() != '{' && name.find("::") == std::string_view::npos)) {
    return "";
  }
  return std::string(name);
}

// What ends the raw string that begins in the line and goes on behind it; empty where there is
// none.
std::string raw_string_end(const std::string& line) {
  const std::size_t quote = line.find("R\"");
  const std::size_t open = quote == std::string::npos ? quote : line.find('(', quote);
  if (open == std::string::npos) {
    return "";
  }
  const std::string end = ")" + line.substr(quote + 2, open - quote - 2) + "\"";
  return line.find(end, open) == std::string::npos ? end : "";
}

}  // namespace

std::vector<Function> functions_of(const std::vector<std::string>& lines) {
  std::vector<Function> functions;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (const std::string end = raw_string_end(lines[i]); !end.empty()) {
      while (i < lines.size() && lines[i].find(end) == std::string::npos) {
        ++i;
      }
      continue;
    }
    if (!may_be_head(lines[i])) {
      continue;
    }
    std::string head = lines[i];
    std::size_t last = i;
    while (!head.ends_with('{') && !head.ends_with(';') && !head.ends_with('}') &&
           last + 1 < lines.size() && last - i < kHeadLinesMax) {
      head += std::string(" ").append(trimmed(lines[++last]));
    }
    const std::size_t open = head.find('(');
    const std::string name = open == std::string::npos ? "" : name_of(head, open);
    if (name.empty()) {
      continue;
    }
    Function function{.name = name, .line = i + 1, .parameters = parameters_at(head, open)};
    if (head.ends_with('{')) {
      const std::string end = std::string(lines[i].size() - trimmed(lines[i]).size(), ' ') + "}";
      std::size_t close = last + 1;
      while (close < lines.size() && !lines[close].starts_with(end)) {
        ++close;
      }
      function.lines = close - i + 1;
      // What is inside a function of a namespace is no member of a class.
      i = end.size() == 1 ? close : last;
    }
    functions.push_back(function);
  }
  return functions;
}

}  // namespace matricula::tidy
