#include "gate/session_cookie.h"

#include <fmt/format.h>

#include "http/cookie.h"

namespace matricula::gate {
namespace {

std::string_view cookie_name(const http::Request& request) {
  return request.tls ? "__Host-matricula_session" : "matricula_session";
}

}  // namespace

std::vector<auth::Presented> presented_sessions(const http::Request& request) {
  const auto site = request.header("Sec-Fetch-Site");
  if (site && site != "same-origin" && site != "none") {
    return std::vector<auth::Presented>(1);
  }
  const auto csrf_token = request.header("X-CSRF-Token");
  std::vector<auth::Presented> presented;
  for (const std::string_view cookie : http::find_cookies(request, cookie_name(request))) {
    presented.push_back({.session_cookie = cookie, .csrf_token = csrf_token});
  }
  if (presented.empty()) {
    presented.push_back({.csrf_token = csrf_token});
  }
  return presented;
}

std::vector<std::string_view> vouched_sessions(const http::Request& request) {
  const auto site = request.header("Sec-Fetch-Site");
  if (request.header_count("Sec-Fetch-Site") != 1 || (site != "same-origin" && site != "none")) {
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
