#include "storage/postgres/text_code.h"

#include <algorithm>

namespace matricula::storage::postgres {
namespace {

constexpr char kLead = '\x01';
constexpr char kZero = '\x02';
constexpr char kOne = '\x03';
constexpr unsigned kCodedChars = 4;

// PostgreSQL escapes control characters in JSON with four digits, of which three are zeros.
constexpr std::string_view kEscapeStart = "\\u000";
constexpr std::string_view kEscapedLead = "\\u0001";

bool is_digit(char c) {
  return c == kZero || c == kOne;
}

// The character of a code's two digits.
char decoded_char(char high, char low) {
  return static_cast<char>((high == kOne ? 2 : 0) + (low == kOne ? 1 : 0));
}

// The control character of the escape at the start of the text; U+0000 where there is none.
char escaped_char(std::string_view text) {
  const bool is_escape = text.size() > kEscapeStart.size() && text.starts_with(kEscapeStart);
  const char digit = is_escape ? text[kEscapeStart.size()] : '0';
  return static_cast<char>(digit >= '0' && digit <= '9' ? digit - '0' : 0);
}

}  // namespace

bool needs_code(std::string_view text) {
  return std::ranges::any_of(text,
                             [](char c) { return static_cast<unsigned char>(c) < kCodedChars; });
}

void append_coded(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto value = static_cast<unsigned char>(c);
    if (value >= kCodedChars) {
      out += c;
      continue;
    }
    out += kLead;
    out += (value & 2U) != 0 ? kOne : kZero;
    out += (value & 1U) != 0 ? kOne : kZero;
  }
}

bool is_coded(std::string_view stored) {
  return stored.find(kLead) != std::string_view::npos;
}

void append_decoded(std::string& out, std::string_view stored) {
  for (std::size_t i = 0; i < stored.size(); ++i) {
    const bool begins_code = stored[i] == kLead && i + 2 < stored.size() &&
                             is_digit(stored[i + 1]) && is_digit(stored[i + 2]);
    if (!begins_code) {
      out += stored[i];
      continue;
    }
    out += decoded_char(stored[i + 1], stored[i + 2]);
    i += 2;
  }
}

bool has_coded_escape(std::string_view json) {
  return json.find(kEscapedLead) != std::string_view::npos;
}

void append_decoded_json(std::string& out, std::string_view json) {
  constexpr std::size_t kLength = kEscapedLead.size();
  while (!json.empty()) {
    if (json.starts_with(kEscapedLead) && json.size() >= 3 * kLength) {
      const char high = escaped_char(json.substr(kLength));
      const char low = escaped_char(json.substr(2 * kLength));
      if (is_digit(high) && is_digit(low)) {
        out += kEscapeStart;
        out += static_cast<char>('0' + decoded_char(high, low));
        json.remove_prefix(3 * kLength);
        continue;
      }
    }
    // The second backslash of two begins no escape.
    const std::size_t taken = json.front() == '\\' && json.size() > 1 ? 2 : 1;
    out += json.substr(0, taken);
    json.remove_prefix(taken);
  }
}

}  // namespace matricula::storage::postgres
