#include "storage/postgres/text_code.h"

#include <algorithm>

namespace matricula::storage::postgres {
namespace {

constexpr char kLead = '\x01';
constexpr char kZero = '\x02';
constexpr char kOne = '\x03';
constexpr unsigned kCodedChars = 4;

bool is_digit(char c) {
  return c == kZero || c == kOne;
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
    const int value = (stored[i + 1] == kOne ? 2 : 0) + (stored[i + 2] == kOne ? 1 : 0);
    out += static_cast<char>(value);
    i += 2;
  }
}

}  // namespace matricula::storage::postgres
