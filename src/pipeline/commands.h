#pragma once

#include <string>

#include "auth/callers/principal.h"
#include "base/result.h"
#include "execution/bound_plan.h"
#include "pipeline/endpoint_request.h"
#include "pipeline/service.h"
#include "ratelimit/limiter.h"
#include "storage/database.h"

namespace matricula::pipeline {

// Runs a domain's commands for one request, under the allowances that hold for them. A public field
// (generateToken) has one for each pair of address and client id; its failures are also charged to
// the address. Borrows all that it is made of.
class Commands {
 public:
  Commands(const Service& service, const EndpointRequest& request, const auth::Principal& caller,
           storage::Session& session, std::chrono::nanoseconds deadline)
      : service_(service),
        request_(request),
        caller_(caller),
        session_(session),
        deadline_(deadline) {}

  // The value of the field as JSON text; kRateLimited beyond an allowance.
  Result<std::string> run(unsigned command, const execution::Arguments& arguments);

  // The allowance that was charged last, if one was.
  const ratelimit::Decision& charged() const { return charged_; }

 private:
  Result<std::string> run_public(unsigned command, const execution::Arguments& arguments);
  Result<std::string> call(unsigned command, const execution::Arguments& arguments);

  const Service& service_;
  const EndpointRequest& request_;
  const auth::Principal& caller_;
  storage::Session& session_;
  const std::chrono::nanoseconds deadline_;  // of what the commands wait for
  ratelimit::Decision charged_ = {};
};

}  // namespace matricula::pipeline
