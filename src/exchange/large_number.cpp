#include "exchange/large_number.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace matricula::exchange {
namespace {

// The text of a string that begins at the start of `text`, with its quotes.
std::string_view string_at(std::string_view text) {
  std::size_t end = 1;
  while (end < text.size() && text[end] != '"') {
    end += text[end] == '\\' ? 2 : 1;
  }
  return text.substr(0, std::min(end + 1, text.size()));
}

std::string_view number_at(std::string_view text) {
  return text.substr(0, text.find_first_not_of("0123456789+-.eE"));
}

// 1e400, or more digits than 64 bits can hold. 1e-400 is no such number: it is read as 0.
bool is_large(std::string_view number) {
  const char* const end = number.data() + number.size();
  double real = 0;
  const auto [parsed, error] = std::from_chars(number.data(), end, real);
  if (parsed != end || number.empty()) {
    return false;
  }
  if (error == std::errc::result_out_of_range) {
    return number.find("e-") == std::string_view::npos &&
           number.find("E-") == std::string_view::npos;
  }
  const std::string_view digits = number.substr(number.front() == '-' ? 1 : 0);
  std::uint64_t whole = 0;
  return std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; }) &&
         std::from_chars(digits.data(), end, whole).ec == std::errc::result_out_of_range;
}

}  // namespace

std::optional<LargeNumber> find_large_number(std::string_view line) {
  std::string_view member;
  std::string_view last_string;
  int depth = 0;
  while (!line.empty()) {
    const char c = line.front();
    std::size_t taken = 1;
    if (c == '"') {
      last_string = string_at(line);
      taken = last_string.size();
    } else if (c == ':' && depth == 1 && last_string.size() >= 2) {
      member = last_string.substr(1, last_string.size() - 2);
    } else if (c == '-' || (c >= '0' && c <= '9')) {
      const std::string_view number = number_at(line);
      if (is_large(number)) {
        return LargeNumber{.member = member, .text = number};
      }
      taken = number.size();
    }
    depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
    line.remove_prefix(taken);
  }
  return std::nullopt;
}

}  // namespace matricula::exchange
