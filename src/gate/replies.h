#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/message.h"
#include "ratelimit/limiter.h"

namespace matricula::gate {

// The window of rate limits.
inline constexpr std::uint32_t kWindowSeconds = 60;

// http::json_response(), negotiated by Accept and not to be taken for another type.
http::Response json_reply(int status, std::string body,
                          std::string_view content_type = http::kJsonType);

// {"errors":[{"message","extensions":{"code"}}]} under the status of the code. The message goes to
// the client: see Error.
http::Response error_reply(ErrorCode code, std::string_view message,
                           std::string_view content_type = http::kJsonType);

// 401 with the message, and the scheme that the route takes (RFC 9110, section 11.6.1).
http::Response unauthenticated_reply(std::string_view challenge, std::string_view message,
                                     std::string_view content_type = http::kJsonType);

// 429 in the documented form, which is not that of the other errors.
http::Response rate_limited_reply(const ratelimit::Decision& decision);

// 503 with Retry-After: the store did not answer.
http::Response store_unavailable_reply(std::string_view content_type = http::kJsonType);
// 503 with Retry-After: the queue of the workers is full, or was too long.
http::Response busy_reply(std::string_view content_type = http::kJsonType);

// X-RateLimit-Limit and X-RateLimit-Remaining, unless the limit is off; with `ietf_fields` also
// RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers).
void add_rate_headers(http::Response& response, const ratelimit::Decision& decision,
                      bool ietf_fields);

// Of a refusal and the decision on another allowance of the same request, the one with the longer
// wait: a client that waits so long is within both.
const ratelimit::Decision& later(const ratelimit::Decision& refused,
                                 const ratelimit::Decision& other);

}  // namespace matricula::gate
