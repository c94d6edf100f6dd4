#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "auth/limits/confirmation.h"
#include "pipeline/graphql_request.h"
#include "pipeline/pipeline.h"
#include "planning/plan.h"

namespace matricula::pipeline {

// One request on its way through the stages; each fills what the next reads.
struct Pipeline::Call {
  Call(const Endpoint& to, const http::Request& from, http::Responder answer_to)
      : endpoint(to), request(from), responder(std::move(answer_to)) {}

  const Endpoint& endpoint;
  const http::Request& request;
  http::Responder responder;
  Lane* lane = nullptr;  // of the thread that is at work on it
  std::chrono::nanoseconds began{0};
  MediaType media = MediaType::kJson;
  std::shared_ptr<const auth::Principal> principal = {};
  // What is remembered of the caller, while the store has not been asked whether it holds.
  std::optional<auth::Confirmation> confirmation = {};
  bool understood = false;  // what the client wants was looked at, with this result
  std::optional<http::Response> refused = {};
  bool stranger = false;  // not identified: only open fields are allowed
  // A stranger whose address is over its allowance: the document may only be a short one.
  bool is_short_only = false;
  ratelimit::Decision admission = {};
  GraphqlRequest graphql = {};
  std::shared_ptr<const planning::Plan> plan = {};
  graphql::Variables variables = {};
  std::string company = {};
};

}  // namespace matricula::pipeline
