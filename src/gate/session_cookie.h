#pragma once

#include <string_view>
#include <vector>

#include "auth/authentication/authenticator.h"
#include "http/message.h"

namespace matricula::gate {

// Each session cookie of the request, with its CSRF token where it has one. A cookie that a browser
// sends for a page of another origin (by Sec-Fetch-Site or, where that is absent, by Origin) does
// not count: the person did not ask.
std::vector<auth::Presented> presented_sessions(const http::Request& request);

// What to send for a session to count, as X-Hint.
inline constexpr std::string_view kSessionAdvice =
    "Send the session cookie together with \"X-CSRF-Token: <csrfToken>\".";

// The session cookies alone, where the browser says that a page of this server, or the person, asks
// (Sec-Fetch-Site: same-origin or none): for what only reads. Without that field there are none.
std::vector<std::string_view> vouched_sessions(const http::Request& request);

// Sets the cookie for `max_age_seconds`; 0 seconds remove it. Under TLS its name begins with
// `__Host-`, which binds it to this host and which browsers accept under TLS alone.
void set_session_cookie(http::Response& response, const http::Request& request,
                        std::string_view value, std::int64_t max_age_seconds);

}  // namespace matricula::gate
