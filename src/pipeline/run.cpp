// Running a plan, and the commands of a domain under their budgets.
#include <algorithm>

#include "gate/replies.h"
#include "pipeline/call.h"
#include "pipeline/open_fields.h"
#include "pipeline/pipeline.h"

namespace matricula::pipeline {
namespace {

// Bounds of the room that a lane keeps ready for an answer.
constexpr std::size_t kAnswerBytesMin = 4'096;
constexpr std::size_t kAnswerBytesMax = 256 * 1024;

}  // namespace

http::Response Pipeline::run(Call& call, Lane& lane) {
  std::string body;
  const execution::ExecutionOutcome outcome = execute(call, lane, body);
  return reply(call, outcome, std::move(body));
}

execution::ExecutionOutcome Pipeline::execute(Call& call, Lane& lane, std::string& body) {
  lane.session->set_deadline(deadline_of(call));
  const execution::CommandRunner commands = [&](unsigned index,
                                                const execution::Arguments& arguments) {
    return command(call, lane, index, arguments);
  };
  body.reserve(lane.answer_bytes);
  execution::ExecutionOutcome outcome = lane.executor->run({.plan = *call.plan,
                                                            .variables = call.variables,
                                                            .tenant = {.company = call.company},
                                                            .commands = &commands},
                                                           body);
  lane.session->set_deadline(std::chrono::nanoseconds::max());
  if (!outcome.failed) {
    lane.answer_bytes = std::clamp(body.size() + body.size() / 4, kAnswerBytesMin, kAnswerBytesMax);
  }
  return outcome;
}

http::Response Pipeline::reply(const Call& call, const execution::ExecutionOutcome& outcome,
                               std::string body) {
  if (!outcome.failed) {
    return graphql_reply(200, call.media, std::move(body));
  }
  if (outcome.code == ErrorCode::kInternal || !outcome.internal.empty()) {
    const LogLevel level =
        outcome.code == ErrorCode::kInternal ? LogLevel::kError : LogLevel::kDebug;
    dependencies_.logger.log(level, "request failed",
                             {{"requestId", call.request.request_id},
                              {"endpoint", call.endpoint.name},
                              {"error", outcome.internal}});
  }
  if (outcome.code == ErrorCode::kRateLimited) {
    return gate::rate_limited_reply(call.admission);
  }
  if (outcome.code == ErrorCode::kUnavailable) {
    http::Response response = graphql_reply(503, call.media, std::move(body));
    response.headers.add("Retry-After", "1");
    return response;
  }
  return graphql_reply(200, call.media, std::move(body));
}

// A command under the budgets that hold for it. An open field (generateToken) has one for each pair
// of address and client id; its failures also charge the address.
Result<std::string> Pipeline::command(Call& call, Lane& lane, unsigned index,
                                      const execution::Arguments& arguments) {
  const domains::Definition& definition = call.endpoint.definition;
  const auto root = std::ranges::find_if(definition.mapping.roots, [&](const auto& each) {
    const auto* command_root = std::get_if<planning::CommandRoot>(&each);
    return command_root != nullptr && command_root->command == index;
  });
  const bool open = is_open(definition, std::get<planning::CommandRoot>(*root));
  const auto now = dependencies_.clock.monotonic();
  const auto address = ratelimit::address_identity(call.request.remote_address);
  ratelimit::Identity pair;
  if (open) {
    const graphql::Input* input = execution::argument(arguments, "input");
    const graphql::Input* client = input == nullptr ? nullptr : input->field("clientId");
    pair = ratelimit::address_identity(
        ratelimit::IdentityKind::kAddressAndClient, call.request.remote_address,
        client == nullptr ? std::string_view() : std::get<std::string>(client->value));
    call.admission = limiter_.admit(pair, now);
    if (!call.admission.admitted) {
      call.admission = gate::later(call.admission, limiter_.peek(address, now));
      return fail(ErrorCode::kRateLimited, "rate limit");
    }
  }
  const auth::Caller caller{.principal = *call.principal,
                            .address = std::string(call.request.remote_address)};
  auto value = definition.commands[index](
      {.services = dependencies_.services, .caller = caller, .reader = *lane.session}, arguments);
  if (!value && open && value.error().code == ErrorCode::kUnauthorized) {
    const ratelimit::Decision charged = limiter_.admit(address, now);
    if (!charged.admitted) {
      call.admission = gate::later(charged, limiter_.peek(pair, now));
      return fail(ErrorCode::kRateLimited, "rate limit");
    }
  }
  return value;
}

}  // namespace matricula::pipeline
