#pragma once

#include "auth/access/login_service.h"
#include "http/message.h"
#include "pipeline/pipeline.h"
#include "portal/api.h"

namespace matricula::server {

// GET /portal/api/...: what the portal shows beside GraphQL, for the session's cookie together with
// its CSRF header, within the person's allowance. Runs on workers, for use is summed up over many
// tokens.
class PortalRoutes {
 public:
  // All must outlive it. `ietf_fields`: whether answers bear the IETF's fields of rate limits too.
  PortalRoutes(pipeline::Pipeline& pipeline, const Clock& clock, Logger& logger, bool ietf_fields)
      : pipeline_(pipeline),
        clock_(clock),
        logger_(logger),
        ietf_fields_(ietf_fields),
        api_(clock, pipeline.limiter().limit()) {}

  // Takes requests whose path begins with /portal/api/.
  void handle(const http::Request& request, http::Responder responder);

 private:
  http::Response answer(const http::Request& request, pipeline::Lane& lane);
  http::Response refused(const http::Request& request, const Error& error);
  http::Response unavailable(const http::Request& request, const Error& error);

  pipeline::Pipeline& pipeline_;
  const Clock& clock_;
  Logger& logger_;
  bool ietf_fields_;
  portal::Api api_;
};

}  // namespace matricula::server
