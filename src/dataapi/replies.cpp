#include "dataapi/replies.h"

#include <fmt/format.h>
#include <vector>

#include "gate/replies.h"
#include "gate/status.h"
#include "http/negotiate.h"
#include "json/error_text.h"

namespace matricula::dataapi {
namespace {

std::string error_body(std::string_view code, std::string_view message,
                       std::string_view more_extensions = {}) {
  const json::ErrorText error{.message = message, .code = code, .extensions = more_extensions};
  return json::errors_body({&error, 1});
}

}  // namespace

http::Response refusal(int status, std::string_view code, std::string_view message) {
  return gate::json_reply(status, error_body(code, message));
}

http::Response error_response(const Error& error) {
  switch (error.code) {
    case ErrorCode::kUnavailable:
    case ErrorCode::kTimeout:
    case ErrorCode::kRateLimited: {
      http::Response response = gate::error_reply(error.code, error.message);
      response.headers.add("Retry-After", "1");
      return response;
    }
    case ErrorCode::kCorrupt:
    case ErrorCode::kIo:
    case ErrorCode::kUsage:
    case ErrorCode::kInternal:
      return gate::error_reply(ErrorCode::kInternal, "internal server error");
    case ErrorCode::kBadUserInput:
    case ErrorCode::kParseFailed:
    case ErrorCode::kValidationFailed:
    case ErrorCode::kLimitExceeded:
    case ErrorCode::kNoPersistedQueries:
    case ErrorCode::kUnauthenticated:
    case ErrorCode::kUnauthorized:
    case ErrorCode::kNotFound:
    case ErrorCode::kConflict:
      break;
  }
  return gate::error_reply(error.code, error.message);
}

http::Response filter_reply(std::span<const graphql::Diagnostic> diagnostics) {
  std::vector<json::ErrorText> errors;
  for (const graphql::Diagnostic& each : diagnostics) {
    errors.push_back({.message = each.message, .code = error_name(each.code)});
  }
  return gate::json_reply(gate::http_status(ErrorCode::kBadUserInput), json::errors_body(errors));
}

std::optional<http::Response> check_method(const http::Request& request) {
  if (request.method == http::Method::kGet || request.method == http::Method::kHead) {
    return std::nullopt;
  }
  http::Response response = refusal(405, "METHOD_NOT_ALLOWED", "Use GET or HEAD.");
  response.headers.add("Allow", "GET, HEAD");
  return response;
}

std::optional<http::Response> check_accept(const http::Request& request,
                                           std::initializer_list<std::string_view> offers) {
  if (http::best_offer(http::list_field(request, "Accept"), offers)) {
    return std::nullopt;
  }
  return refusal(406, "NOT_ACCEPTABLE", fmt::format("Accept does not allow {}.", *offers.begin()));
}

http::Response lost_reply(const LostPosition& lost, const records::SequenceState& state) {
  http::Response response =
      gate::json_reply(410, error_body(lost.is_expired ? "CHANGES_EXPIRED" : "CHANGES_RESET",
                                       lost.message, fmt::format(R"(,"oldest":{})", state.oldest)));
  response.headers.add("Matricula-Epoch", state.epoch);
  return response;
}

http::Response changes_reply(ChangesPage page, const ChangesRequest& request,
                             const records::SequenceState& state) {
  http::Response response{.status = 200, .content_type = "application/x-ndjson"};
  if (page.lines.file == nullptr) {
    response.body = std::move(page.lines.text);
  } else {
    response.source = http::stored_body(std::move(page.lines));
  }
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Matricula-Next-Sequence", fmt::to_string(page.next));
  response.headers.add("Matricula-Has-More", page.has_more ? "true" : "false");
  response.headers.add("Matricula-Epoch", state.epoch);
  response.headers.add("Link",
                       fmt::format("<{}>; rel=\"next\"", next_target(request, state, page.next)));
  return response;
}

void add_state(http::Response& response, const FileState& state) {
  response.headers.add("Matricula-Sequence", fmt::to_string(state.company_sequence));
  response.headers.add("Matricula-Epoch", state.epoch);
}

void add_cache_fields(http::Response& response) {
  response.headers.add("Cache-Control", "private, no-cache");
  response.headers.add("Vary", "Authorization, Cookie, X-Company-Id");
  response.headers.add("X-Content-Type-Options", "nosniff");
}

}  // namespace matricula::dataapi
