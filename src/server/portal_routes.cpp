#include "server/portal_routes.h"

#include "gate/answer.h"
#include "gate/replies.h"
#include "pipeline/tenants.h"

namespace matricula::server {

void PortalRoutes::handle(const http::Request& request, http::Responder responder) {
  if (request.method != http::Method::kGet && request.method != http::Method::kPost) {
    responder.send(http::method_not_allowed("GET, POST", "Use GET or POST."));
    return;
  }
  const std::chrono::nanoseconds deadline =
      pipeline_.gate().clock.monotonic() + pipeline_.request_timeout();
  pipeline::answer_from_worker(
      pipeline_.workers(),
      {.tenant = pipeline::tenant_of_address(request.remote_address),
       .kind = request.method == http::Method::kPost ? pipeline::JobKind::kWrite
                                                     : pipeline::JobKind::kShort},
      std::move(responder),
      [this, &request, deadline](unsigned worker) {
        return answer(request, deadline, pipeline_.worker_lane(worker));
      },
      [] { return gate::busy_reply(); });
}

http::Response PortalRoutes::answer(const http::Request& request, std::chrono::nanoseconds deadline,
                                    pipeline::Lane& lane) {
  const gate::Gate& gate = pipeline_.gate();
  return gate::answer_caller(
      gate, {.request = request, .scheme = gate::Scheme::kSession}, *lane.authenticator,
      [&](const auth::Principal& caller) -> gate::Stage<http::Response> {
        auto page = api_.answer(request,
                                {.principal = caller,
                                 .address = std::string(request.remote_address),
                                 .write_until = deadline},
                                *lane.session);
        if (!page) {
          gate.logger.log(LogLevel::kError, "the portal could not read the store",
                          {{"requestId", request.request_id},
                           {"error", page.error().message},
                           {"internal", page.error().internal}});
          return gate::refuse(gate::store_unavailable_reply());
        }
        return std::move(*page);
      });
}

}  // namespace matricula::server
