#pragma once

#include "http/message.h"
#include "pipeline/pipeline.h"
#include "portal/api.h"

namespace matricula::server {

// /portal/api/...: the portal's data that GraphQL does not offer, for the session's cookie together
// with its CSRF header, within the person's allowance. Runs on workers, because it sums usage up
// over many tokens.
class PortalRoutes {
 public:
  // Both must outlive it.
  PortalRoutes(pipeline::Pipeline& pipeline, auth::CredentialService& credentials)
      : pipeline_(pipeline),
        api_(pipeline.gate().clock, pipeline.gate().limits.limit(), pipeline.gate().ceiling,
             credentials) {}

  // Takes requests whose path begins with /portal/api/.
  void handle(const http::Request& request, http::Responder responder);

 private:
  http::Response answer(const http::Request& request, std::chrono::nanoseconds deadline,
                        pipeline::Lane& lane);

  pipeline::Pipeline& pipeline_;
  portal::Api api_;
};

}  // namespace matricula::server
