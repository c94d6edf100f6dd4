#include "pipeline/commands.h"

#include <algorithm>
#include <variant>

#include "gate/replies.h"
#include "pipeline/public_fields.h"

namespace matricula::pipeline {
namespace {

const planning::CommandRoot& root_of(const domains::Definition& definition, unsigned command) {
  const auto found = std::ranges::find_if(definition.mapping.roots, [&](const auto& each) {
    const auto* root = std::get_if<planning::CommandRoot>(&each);
    return root != nullptr && root->command == command;
  });
  return std::get<planning::CommandRoot>(*found);
}

// Empty where it is not given.
std::string_view client_id_of(const execution::Arguments& arguments) {
  const graphql::Input* input = execution::argument(arguments, "input");
  const graphql::Input* client = input == nullptr ? nullptr : input->field("clientId");
  return client == nullptr ? std::string_view() : std::get<std::string>(client->value);
}

}  // namespace

Result<std::string> Commands::run(unsigned command, const execution::Arguments& arguments) {
  const domains::Definition& definition = request_.endpoint.definition;
  return is_public(definition, root_of(definition, command)) ? run_public(command, arguments)
                                                             : call(command, arguments);
}

Result<std::string> Commands::run_public(unsigned command, const execution::Arguments& arguments) {
  auth::RequestLimits& limits = service_.gate.limits;
  const auto now = service_.gate.clock.monotonic();
  const auto address = ratelimit::address_identity(request_.http.remote_address);
  const auto pair =
      ratelimit::address_identity(ratelimit::IdentityKind::kAddressAndClient,
                                  request_.http.remote_address, client_id_of(arguments));
  charged_ = limits.admit(pair, now);
  if (!charged_.admitted) {
    charged_ = gate::later(charged_, limits.peek(address, now));
    return fail(ErrorCode::kRateLimited, "rate limit");
  }
  auto value = call(command, arguments);
  if (!value && value.error().code == ErrorCode::kUnauthorized) {
    const auto then = service_.gate.clock.monotonic();
    const ratelimit::Decision failure = limits.admit(address, then);
    if (!failure.admitted) {
      charged_ = gate::later(failure, limits.peek(pair, then));
      return fail(ErrorCode::kRateLimited, "rate limit");
    }
  }
  return value;
}

Result<std::string> Commands::call(unsigned command, const execution::Arguments& arguments) {
  const auth::Caller caller{.principal = caller_,
                            .address = std::string(request_.http.remote_address),
                            .write_until = deadline_};
  return request_.endpoint.definition.commands[command](
      {.services = service_.domains, .caller = caller, .reader = session_}, arguments);
}

}  // namespace matricula::pipeline
