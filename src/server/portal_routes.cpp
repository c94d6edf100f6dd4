#include "server/portal_routes.h"

#include "pipeline/replies.h"
#include "pipeline/session_cookie.h"

namespace matricula::server {

void PortalRoutes::handle(const http::Request& request, http::Responder responder) {
  if (request.method != http::Method::kGet) {
    http::Response response = http::error_response(405, "Use GET.");
    response.headers.add("Allow", "GET");
    responder.send(std::move(response));
    return;
  }
  const auto shared = std::make_shared<http::Responder>(std::move(responder));
  const bool queued =
      pipeline_.workers().submit(pipeline::make_job([this, &request, shared](unsigned worker) {
        shared->send(answer(request, pipeline_.worker_lane(worker)));
      }));
  if (!queued) {
    shared->send(pipeline::unavailable_reply(pipeline::MediaType::kJson,
                                             "The server is busy; try again in a second."));
  }
}

http::Response PortalRoutes::answer(const http::Request& request, pipeline::Lane& lane) {
  auto principal = lane.authenticator->session_principal(pipeline::presented_session(request));
  if (!principal) {
    return principal.error().code == ErrorCode::kUnauthenticated
               ? refused(request, principal.error())
               : unavailable(request, principal.error());
  }
  const auto admission = pipeline_.limiter().admit((*principal)->identity, clock_.monotonic());
  http::Response response;
  if (!admission.admitted) {
    response = pipeline::rate_limited_reply(admission);
  } else if (auto answered = api_.answer(request, **principal, *lane.session)) {
    response = std::move(*answered);
  } else {
    response = unavailable(request, answered.error());
  }
  pipeline::add_rate_headers(response, admission, ietf_fields_);
  return response;
}

// 401, charged to the address; 429 in its place when the address is over its allowance.
http::Response PortalRoutes::refused(const http::Request& request, const Error& error) {
  const auto address = pipeline_.limiter().admit(
      ratelimit::address_identity(request.remote_address), clock_.monotonic());
  http::Response response =
      address.admitted
          ? pipeline::unauthenticated_reply(pipeline::MediaType::kJson, "Bearer", error.message)
          : pipeline::rate_limited_reply(address);
  pipeline::add_rate_headers(response, address, ietf_fields_);
  return response;
}

http::Response PortalRoutes::unavailable(const http::Request& request, const Error& error) {
  logger_.log(
      LogLevel::kError, "the portal could not read the store",
      {{"requestId", request.request_id}, {"error", error.message}, {"internal", error.internal}});
  return pipeline::unavailable_reply(pipeline::MediaType::kJson,
                                     "The store is not available; try again in a second.");
}

}  // namespace matricula::server
