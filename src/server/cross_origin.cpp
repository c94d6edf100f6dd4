#include "server/cross_origin.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <fmt/format.h>
#include <netinet/in.h>

#include "base/text.h"
#include "http/field_text.h"
#include "http/origin.h"
#include "server/routes.h"

namespace matricula::server {
namespace {

// How long a browser may keep the answer to a preflight request: two hours, Chromium's most.
constexpr std::string_view kMaxAgeSeconds = "7200";

constexpr std::string_view kExposed =
    "X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, RateLimit, RateLimit-Policy, "
    "Retry-After, WWW-Authenticate, X-Hint, ETag, Last-Modified, Link, Content-Disposition, "
    "Content-Range, Accept-Ranges, Matricula-Sequence, Matricula-Epoch, Matricula-Next-Sequence, "
    "Matricula-Has-More";

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

// The text behind the host that it begins with; nullopt where it begins with none.
std::optional<std::string_view> behind_host(std::string_view text) {
  if (!text.starts_with('[')) {
    const auto length =
        static_cast<std::size_t>(std::ranges::find_if_not(text, is_host_character) - text.begin());
    return length == 0 ? std::nullopt : std::optional(text.substr(length));
  }
  const std::size_t end = text.find(']');
  in6_addr address{};
  return end != std::string_view::npos &&
                 inet_pton(AF_INET6, std::string(text.substr(1, end - 1)).c_str(), &address) == 1
             ? std::optional(text.substr(end + 1))
             : std::nullopt;
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [parsed, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && parsed == text.data() + text.size();
}

// Scheme, "://", and a host with or without a port; nothing behind it.
bool is_origin(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (text.starts_with(scheme)) {
      const auto rest = behind_host(text.substr(scheme.size()));
      return rest && (rest->empty() || (rest->front() == ':' && is_port(rest->substr(1))));
    }
  }
  return false;
}

}  // namespace

Result<CrossOrigin> CrossOrigin::read(const std::vector<std::string>& origins) {
  CrossOrigin allowed;
  for (const std::string& text : origins) {
    const std::string origin = to_lower(http::without_blanks(text));
    if (!is_origin(origin)) {
      return fail(ErrorCode::kUsage,
                  fmt::format("--cors-origin {}: not a web origin; write one such as "
                              "https://reports.example.com, without a path",
                              text));
    }
    allowed.origins_.emplace_back(http::without_usual_port(origin));
  }
  return allowed;
}

bool CrossOrigin::allows(const http::Request& request) const {
  const auto origin = request.header("Origin");
  return origin && route_of(request.path).is_cross_origin &&
         std::ranges::find(origins_, *origin) != origins_.end();
}

std::optional<http::Response> CrossOrigin::preflight(const http::Request& request) const {
  if (request.method != http::Method::kOptions || !allows(request) ||
      !request.header("Access-Control-Request-Method")) {
    return std::nullopt;
  }
  http::Response response{.status = 204};
  response.headers.add("Access-Control-Allow-Methods", "GET, POST");
  // A trusted origin may send any fields.
  response.headers.add("Access-Control-Allow-Headers",
                       request.header("Access-Control-Request-Headers")
                           .value_or("Authorization, Content-Type, X-Company-Id"));
  response.headers.add("Access-Control-Max-Age", kMaxAgeSeconds);
  return response;
}

void CrossOrigin::add_fields(const http::Request& request, http::HeaderLines& fields) const {
  if (origins_.empty() || !route_of(request.path).is_cross_origin) {
    return;
  }
  fields.add("Vary", "Origin");
  if (allows(request)) {
    fields.add("Access-Control-Allow-Origin", *request.header("Origin"));
    fields.add("Access-Control-Expose-Headers", kExposed);
  }
}

}  // namespace matricula::server
