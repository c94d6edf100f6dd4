// Running a plan, and the commands of a domain under their budgets.
#include <algorithm>
#include <cstring>

#include "gate/replies.h"
#include "pipeline/call.h"
#include "pipeline/open_fields.h"
#include "pipeline/pipeline.h"

namespace matricula::pipeline {
namespace {

// The owner of an answer's memory in budgets: the identity of the rate limit.
spool::Owner owner_of(const auth::Principal& principal) {
  spool::Owner owner = 0;
  std::memcpy(&owner, principal.identity.digest.data(), sizeof(owner));
  return owner;
}

}  // namespace

http::Response Pipeline::run(Call& call, Lane& lane) {
  return reply(call, execute(call, lane, bounds_of(call)));
}

execution::AnswerBounds Pipeline::bounds_of(const Call& call) const {
  return {.owner = owner_of(*call.principal),
          .bytes_max = options_.execution.response_bytes_max,
          .deadline = deadline_of(call),
          .cancelled = call.request.client_gone,
          .room_wait = options_.queue_timeout};
}

execution::ExecutionOutcome Pipeline::execute(Call& call, Lane& lane,
                                              const execution::AnswerBounds& bounds) {
  lane.session->set_deadline(bounds.deadline);
  const execution::CommandRunner commands = [&](unsigned index,
                                                const execution::Arguments& arguments) {
    return command(call, lane, index, arguments);
  };
  execution::ExecutionOutcome outcome = lane.executor->run({.plan = *call.plan,
                                                            .variables = call.variables,
                                                            .tenant = {.company = call.company},
                                                            .commands = &commands,
                                                            .bounds = bounds});
  lane.session->set_deadline(std::chrono::nanoseconds::max());
  return outcome;
}

http::Response Pipeline::reply(const Call& call, execution::ExecutionOutcome outcome) {
  if (!outcome.failed) {
    return graphql_reply(200, call.media, std::move(outcome.answer), dependencies_.answers.spool,
                         owner_of(*call.principal));
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
    http::Response response = graphql_reply(503, call.media, std::move(outcome.answer.text));
    response.headers.add("Retry-After", "1");
    return response;
  }
  return graphql_reply(200, call.media, std::move(outcome.answer.text));
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
