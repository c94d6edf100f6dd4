#pragma once

#include <optional>
#include <string_view>

#include "auth/authentication/authenticator.h"
#include "http/message.h"

namespace matricula::pipeline {

// `__Host-` binds the cookie to this host, which browsers take under TLS alone.
std::string_view session_cookie_name(const http::Request& request);

// The session cookie and its CSRF token, as they came. A cookie that a browser sends for a page of
// another origin (Sec-Fetch-Site) does not count: it was not the person who asked.
auth::Presented presented_session(const http::Request& request);

}  // namespace matricula::pipeline
