#include "gate/replies.h"

#include <fmt/format.h>

#include "gate/status.h"
#include "json/error_text.h"

namespace matricula::gate {
namespace {

http::Response unavailable_reply(std::string_view message, std::string_view content_type) {
  http::Response response = error_reply(ErrorCode::kUnavailable, message, content_type);
  response.headers.add("Retry-After", "1");
  return response;
}

}  // namespace

http::Response json_reply(int status, std::string body, std::string_view content_type) {
  http::Response response = http::json_response(status, std::move(body), content_type);
  response.headers.add("Vary", "Accept");
  response.headers.add("X-Content-Type-Options", "nosniff");
  return response;
}

http::Response error_reply(ErrorCode code, std::string_view message,
                           std::string_view content_type) {
  const json::ErrorText error{.message = message, .code = error_name(code)};
  return json_reply(http_status(code), json::errors_body({&error, 1}), content_type);
}

http::Response unauthenticated_reply(std::string_view challenge, std::string_view message,
                                     std::string_view content_type) {
  http::Response response = error_reply(ErrorCode::kUnauthenticated, message, content_type);
  response.headers.add("WWW-Authenticate", challenge);
  return response;
}

http::Response rate_limited_reply(const ratelimit::Decision& decision) {
  http::Response response = json_reply(
      http_status(ErrorCode::kRateLimited),
      R"({"error":{"message":"Rate limit exceeded. Please try again later.","code":"RATE_LIMIT_EXCEEDED"}})");
  response.headers.add("Retry-After", fmt::to_string(decision.retry_after_seconds));
  return response;
}

http::Response store_unavailable_reply(std::string_view content_type) {
  return unavailable_reply("The store is not available; try again in a second.", content_type);
}

http::Response busy_reply(std::string_view content_type) {
  return unavailable_reply("The server is busy; try again in a second.", content_type);
}

void add_rate_headers(http::Response& response, const ratelimit::Decision& decision,
                      bool ietf_fields) {
  if (!decision.has_limit()) {
    return;
  }
  response.headers.add("X-RateLimit-Limit", fmt::to_string(decision.limit));
  response.headers.add("X-RateLimit-Remaining", fmt::to_string(decision.remaining));
  if (!ietf_fields) {
    return;
  }
  response.headers.add("RateLimit-Policy",
                       fmt::format(R"("default";q={};w={})", decision.limit, kWindowSeconds));
  std::string state = fmt::format(R"("default";r={})", decision.remaining);
  if (!decision.admitted) {
    state += fmt::format(";t={}", decision.retry_after_seconds);
  }
  response.headers.add("RateLimit", state);
}

const ratelimit::Decision& later(const ratelimit::Decision& refused,
                                 const ratelimit::Decision& other) {
  return !other.admitted && other.retry_after_seconds > refused.retry_after_seconds ? other
                                                                                    : refused;
}

}  // namespace matricula::gate
