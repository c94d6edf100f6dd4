#include "http/cookie.h"

#include <algorithm>

namespace matricula::http {
namespace {

// cookie-octet: no controls, white space, quotes, comma, semicolon or backslash.
bool is_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\';
  });
}

struct Found {
  std::optional<std::string_view> value;
  int count = 0;
};

void find_all(std::string_view field, std::string_view name, Found& found) {
  while (!field.empty()) {
    std::string_view pair = field.substr(0, field.find(';'));
    field.remove_prefix(std::min(field.size(), pair.size() + 1));
    while (!pair.empty() && pair.front() == ' ') {
      pair.remove_prefix(1);
    }
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != name) {
      continue;
    }
    std::string_view value = pair.substr(equals + 1);
    while (!value.empty() && value.back() == ' ') {
      value.remove_suffix(1);
    }
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    ++found.count;
    found.value = is_value(value) ? std::optional(value) : std::nullopt;
  }
}

}  // namespace

std::optional<std::string_view> find_cookie(std::string_view field, std::string_view name) {
  Found found;
  find_all(field, name, found);
  return found.count == 1 ? found.value : std::nullopt;
}

std::optional<std::string_view> find_cookie(const Request& request, std::string_view name) {
  Found found;
  for (const Header& header : request.headers) {
    if (same_name(header.name, "Cookie")) {
      find_all(header.value, name, found);
    }
  }
  return found.count == 1 ? found.value : std::nullopt;
}

}  // namespace matricula::http
