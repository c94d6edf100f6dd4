#pragma once

#include <chrono>
#include <memory>

#include "auth/callers/principal.h"
#include "http/message.h"
#include "pipeline/endpoint_request.h"
#include "pipeline/service.h"
#include "ratelimit/limiter.h"

namespace matricula::pipeline {

// A request that has to be answered, with the caller and the charge that its headers, the log and
// the metrics name. Moves from thread to thread.
struct Pending {
  EndpointRequest request;
  http::Responder responder;
  std::chrono::nanoseconds began{0};                   // Clock::monotonic()
  std::shared_ptr<const auth::Principal> caller = {};  // null until one is identified
  ratelimit::Decision charged = {};

  // Headers tell of the last charge.
  void note(const ratelimit::Decision& decision) {
    if (decision.has_limit()) {
      charged = decision;
    }
  }
  std::chrono::nanoseconds deadline(const Service& service) const {
    return began + service.options.request_timeout;
  }
};

// Sends the answer, with the headers of the allowance, and counts it.
void answer(const Service& service, Pending pending, http::Response response);

// The same with the response of a stage that refused.
void refuse(const Service& service, Pending pending, gate::Refusal refusal);

// 503: it waited too long for a worker, or too many do.
void refuse_busy(const Service& service, Pending pending);

}  // namespace matricula::pipeline
