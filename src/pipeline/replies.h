#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "graphql/language/diagnostic.h"
#include "http/message.h"
#include "ratelimit/limiter.h"

namespace matricula::pipeline {

// How a GraphQL answer is labelled (GraphQL over HTTP, section "Media Types").
enum class MediaType { kJson, kGraphqlResponse };

// A finished GraphQL body under its label. Never cached: it is one company's.
http::Response graphql_reply(int status, MediaType media, std::string body);

// A request error: no execution began, so there is no `data`. 200 for application/json clients, 400
// for the others.
http::Response request_error_reply(MediaType media,
                                   std::span<const graphql::Diagnostic> diagnostics);

// Not well formed: always 400.
http::Response bad_request_reply(MediaType media, const Error& error);

// 401 with the refusal's text, and the scheme that would be taken, Token or Bearer (RFC 9110,
// section 11.6.1).
http::Response unauthenticated_reply(MediaType media, std::string_view scheme,
                                     std::string_view message);

// {"data":null,"errors":[...]} with a path and a code, as the contract writes it.
http::Response field_error_reply(int status, MediaType media, std::string_view message,
                                 ErrorCode code, std::string_view path_key);

// 429 in the documented form, which is not that of the other errors.
http::Response rate_limited_reply(const ratelimit::Decision& decision);

// 503 with Retry-After.
http::Response unavailable_reply(MediaType media, std::string_view message);

// X-RateLimit-Limit and X-RateLimit-Remaining, unless the limit is off; with `ietf_fields` also
// RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers).
void add_rate_headers(http::Response& response, const ratelimit::Decision& decision,
                      bool ietf_fields);

}  // namespace matricula::pipeline
