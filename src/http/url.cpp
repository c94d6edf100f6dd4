#include "http/url.h"

#include <algorithm>

#include "base/text.h"

namespace matricula::http {
namespace {

// RFC 3986 section 2.3.
bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

// The byte that %XX at this place stands for; negative where it is none.
int encoded_byte(std::string_view text, std::size_t at) {
  if (at + 2 >= text.size()) {
    return -1;
  }
  const int high = hex_value(text[at + 1]);
  const int low = hex_value(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += plus_is_space && text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int byte = encoded_byte(text, i);
    if (byte < 0) {
      return std::nullopt;
    }
    decoded += static_cast<char>(byte);
    i += 2;
  }
  if (!is_utf8(decoded)) {
    return std::nullopt;
  }
  return decoded;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text) {
  auto decoded = decode(text, false);
  return decoded && decoded->find('\0') == std::string::npos ? std::move(decoded) : std::nullopt;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_unreserved(c)) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kHex[byte >> 4U];
      encoded += kHex[byte & 15U];
    }
  }
  return encoded;
}

std::optional<std::string> normal_path(std::string_view path) {
  std::string normal;
  std::size_t copied = 0;
  for (std::size_t at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 1)) {
    const int byte = encoded_byte(path, at);
    if (byte < 0 || !is_unreserved(static_cast<char>(byte))) {
      continue;
    }
    normal += path.substr(copied, at - copied);
    normal += static_cast<char>(byte);
    copied = at + 3;
    at += 2;
  }
  if (copied == 0) {
    return std::nullopt;
  }
  return normal += path.substr(copied);
}

std::string_view without_slash(std::string_view path) {
  return path.size() > 1 && path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
}

Result<std::vector<QueryParameter>> parse_query(std::string_view query) {
  std::vector<QueryParameter> parameters;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.empty()) {
      continue;
    }
    const std::size_t equals = pair.find('=');
    auto name = decode(pair.substr(0, equals), true);
    auto value = decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1), true);
    if (!name || !value) {
      return fail(ErrorCode::kBadUserInput, "The query string is not valid percent-encoded UTF-8.");
    }
    const bool twice =
        std::any_of(parameters.begin(), parameters.end(),
                    [&](const QueryParameter& other) { return other.name == *name; });
    if (twice) {
      return fail(ErrorCode::kBadUserInput, "A parameter of the query string is repeated.");
    }
    if (parameters.size() == kQueryParametersMax) {
      return fail(ErrorCode::kBadUserInput, "The query string has too many parameters.");
    }
    parameters.push_back({.name = std::move(*name), .value = std::move(*value)});
  }
  return parameters;
}

}  // namespace matricula::http
