#pragma once

#include <memory>

#include "gate/stage.h"
#include "graphql/language/parser.h"
#include "graphql/validation/validate.h"
#include "pipeline/decode.h"
#include "pipeline/lane.h"
#include "pipeline/service.h"
#include "planning/plan.h"

namespace matricula::pipeline {

// What a request asks for: a plan, and what it sends for the plan's variables. Made by prepare()
// alone.
class PreparedRequest {
 public:
  const planning::Plan& plan() const { return *plan_; }
  std::shared_ptr<const planning::Plan> share_plan() const { return plan_; }
  const json::Value& variables() const { return variables_; }

 private:
  friend gate::Stage<PreparedRequest> prepare(const Service& service, Lane& lane,
                                              const EndpointRequest& request,
                                              DecodedRequest decoded,
                                              const graphql::ParseLimits& limits);
  PreparedRequest(std::shared_ptr<const planning::Plan> plan, json::Value variables)
      : plan_(std::move(plan)), variables_(std::move(variables)) {}

  std::shared_ptr<const planning::Plan> plan_;  // never null
  json::Value variables_;
};

// The plan of the request's operation, from the plans of `lane`, or parsed within `limits`,
// validated and planned now. Refusals: the diagnostics of the document, and 405 for what
// may not be sent by GET.
gate::Stage<PreparedRequest> prepare(const Service& service, Lane& lane,
                                     const EndpointRequest& request, DecodedRequest decoded,
                                     const graphql::ParseLimits& limits);

}  // namespace matricula::pipeline
