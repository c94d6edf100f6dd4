#include "server/cross_origin.h"

#include <algorithm>
#include <fmt/format.h>

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
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':' ||
         c == '[' || c == ']';
}

// Scheme, "://", and a host with or without a port; nothing behind it.
bool is_origin(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (text.starts_with(scheme)) {
      text.remove_prefix(scheme.size());
      return !text.empty() && std::ranges::all_of(text, is_host_character);
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
