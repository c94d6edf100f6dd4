#include "pipeline/replies.h"

#include <fmt/format.h>

#include "execution/executor.h"
#include "json/writer.h"

namespace matricula::pipeline {
namespace {

constexpr std::string_view kJson = "application/json; charset=utf-8";
constexpr std::string_view kGraphqlResponse = "application/graphql-response+json; charset=utf-8";

constexpr int kWindowSeconds = 60;

std::string single_error(std::string_view message, ErrorCode code) {
  std::string body = R"({"errors":[)";
  execution::append_error(body, message, code, {}, {});
  body += "]}";
  return body;
}

}  // namespace

http::Response graphql_reply(int status, MediaType media, std::string body) {
  http::Response response{
      .status = status,
      .content_type = std::string(media == MediaType::kJson ? kJson : kGraphqlResponse),
      .body = std::move(body)};
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("Vary", "Accept");
  response.headers.add("X-Content-Type-Options", "nosniff");
  return response;
}

http::Response request_error_reply(MediaType media,
                                   std::span<const graphql::Diagnostic> diagnostics) {
  std::string body = R"({"errors":[)";
  for (std::size_t i = 0; i < diagnostics.size(); ++i) {
    body += i == 0 ? "" : ",";
    execution::append_error(body, diagnostics[i].message, diagnostics[i].code,
                            diagnostics[i].locations, {});
  }
  body += "]}";
  return graphql_reply(media == MediaType::kJson ? 200 : 400, media, std::move(body));
}

http::Response bad_request_reply(MediaType media, const Error& error) {
  return graphql_reply(400, media, single_error(error.message, error.code));
}

http::Response unauthenticated_reply(MediaType media, std::string_view scheme,
                                     std::string_view message) {
  http::Response response =
      graphql_reply(401, media, single_error(message, ErrorCode::kUnauthenticated));
  response.headers.add("WWW-Authenticate", scheme);
  return response;
}

http::Response field_error_reply(int status, MediaType media, std::string_view message,
                                 ErrorCode code, std::string_view path_key) {
  std::string body = R"({"data":null,"errors":[)";
  execution::append_error(body, message, code, {}, path_key);
  body += "]}";
  return graphql_reply(status, media, std::move(body));
}

http::Response rate_limited_reply(const ratelimit::Decision& decision) {
  http::Response response = graphql_reply(
      429, MediaType::kJson,
      R"({"error":{"message":"Rate limit exceeded. Please try again later.","code":"RATE_LIMIT_EXCEEDED"}})");
  response.headers.add("Retry-After", fmt::to_string(decision.retry_after_seconds));
  return response;
}

http::Response unavailable_reply(MediaType media, std::string_view message) {
  http::Response response =
      graphql_reply(503, media, single_error(message, ErrorCode::kUnavailable));
  response.headers.add("Retry-After", "1");
  return response;
}

void add_rate_headers(http::Response& response, const ratelimit::Decision& decision,
                      bool ietf_fields) {
  if (decision.limit == 0) {
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

}  // namespace matricula::pipeline
