#include "pipeline/write.h"

#include "gate/replies.h"
#include "ratelimit/identity.h"

namespace matricula::pipeline {
namespace {

// A store that does not answer is for the operator to see. That a client did not wait is not.
LogLevel level_of(const EndpointRequest& request, ErrorCode code) {
  if (code == ErrorCode::kInternal) {
    return LogLevel::kError;
  }
  return code == ErrorCode::kUnavailable && !request.http.is_client_gone() ? LogLevel::kWarning
                                                                           : LogLevel::kDebug;
}

void log_failure(const Service& service, const EndpointRequest& request,
                 const execution::ExecutionOutcome& outcome) {
  if (outcome.code == ErrorCode::kInternal || !outcome.internal.empty()) {
    service.gate.logger.log(level_of(request, outcome.code), "request failed",
                            {{"requestId", request.http.request_id},
                             {"endpoint", request.endpoint.name},
                             {"error", outcome.internal}});
  }
}

http::Response reply_of(const Service& service, const EndpointRequest& request,
                        const auth::Principal& caller, execution::ExecutionOutcome outcome,
                        const ratelimit::Decision& charged) {
  if (!outcome.failed) {
    return graphql_reply(200, request.media, std::move(outcome.answer), service.answers.spool,
                         owner_of(caller));
  }
  log_failure(service, request, outcome);
  if (outcome.code == ErrorCode::kRateLimited) {
    return gate::rate_limited_reply(charged);
  }
  if (outcome.code == ErrorCode::kUnavailable) {
    http::Response response = graphql_reply(503, request.media, std::move(outcome.answer.text));
    response.headers.add("Retry-After", "1");
    return response;
  }
  return graphql_reply(200, request.media, std::move(outcome.answer.text));
}

}  // namespace

spool::Owner owner_of(const auth::Principal& caller) {
  return ratelimit::short_hash(caller.identity);
}

http::Response write(const Service& service, const EndpointRequest& request,
                     const auth::Principal& caller, const execution::BoundPlan& plan,
                     execution::ExecutionOutcome outcome, const ratelimit::Decision& charged) {
  http::Response response = reply_of(service, request, caller, std::move(outcome), charged);
  // Mutations show new secrets, beside text that a client chose: not to be compressed (BREACH).
  response.compress = !plan.is_mutation();
  return response;
}

}  // namespace matricula::pipeline
