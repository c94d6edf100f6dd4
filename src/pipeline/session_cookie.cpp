#include "pipeline/session_cookie.h"

#include "http/cookie.h"

namespace matricula::pipeline {

std::string_view session_cookie_name(const http::Request& request) {
  return request.tls ? "__Host-matricula_session" : "matricula_session";
}

auth::Presented presented_session(const http::Request& request) {
  const auto site = request.header("Sec-Fetch-Site");
  if (site && site != "same-origin" && site != "none") {
    return {};
  }
  return {.session_cookie = http::find_cookie(request, session_cookie_name(request)),
          .csrf_token = request.header("X-CSRF-Token")};
}

}  // namespace matricula::pipeline
