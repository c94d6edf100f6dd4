#include "gate/session_cookie.h"

#include <fmt/format.h>

#include "http/cookie.h"
#include "http/origin.h"

namespace matricula::gate {
namespace {

std::string_view cookie_name(const http::Request& request) {
  return request.tls ? "__Host-matricula_session" : "matricula_session";
}

bool is_vouched_for(const http::Request& request) {
  const auto site = request.header("Sec-Fetch-Site");
  return request.header_count("Sec-Fetch-Site") == 1 && (site == "same-origin" || site == "none");
}

// By Sec-Fetch-Site where it is there. Browsers leave it out towards plain http, and old ones
// always; then an Origin is what names the page. Programs send neither.
bool is_of_own_page(const http::Request& request) {
  if (request.header("Sec-Fetch-Site")) {
    return is_vouched_for(request);
  }
  const auto origin = request.header("Origin");
  return !origin || (request.header_count("Origin") == 1 && http::is_own_origin(request, *origin));
}

}  // namespace

std::vector<auth::Presented> presented_sessions(const http::Request& request) {
  if (!is_of_own_page(request)) {
    return {};
  }
  const auto csrf_token = request.header("X-CSRF-Token");
  std::vector<auth::Presented> presented;
  for (const std::string_view cookie : http::find_cookies(request, cookie_name(request))) {
    presented.push_back({.session_cookie = cookie, .csrf_token = csrf_token});
  }
  return presented;
}

std::vector<std::string_view> vouched_sessions(const http::Request& request) {
  if (!is_vouched_for(request)) {
    return {};
  }
  return http::find_cookies(request, cookie_name(request));
}

void set_session_cookie(http::Response& response, const http::Request& request,
                        std::string_view value, std::int64_t max_age_seconds) {
  response.headers.add(
      "Set-Cookie",
      fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}", cookie_name(request),
                  value, max_age_seconds, request.tls ? "; Secure" : ""));
}

}  // namespace matricula::gate
