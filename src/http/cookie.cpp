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

void find_all(std::string_view field, std::string_view name, std::vector<std::string_view>& found) {
  while (!field.empty() && found.size() < kCookiesMax) {
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
    if (is_value(value)) {
      found.push_back(value);
    }
  }
}

}  // namespace

std::vector<std::string_view> find_cookies(const Request& request, std::string_view name) {
  std::vector<std::string_view> found;
  for (const Header& header : request.headers) {
    if (same_name(header.name, "Cookie")) {
      find_all(header.value, name, found);
    }
  }
  return found;
}

}  // namespace matricula::http
