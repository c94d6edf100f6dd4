#include "pipeline/pending.h"

#include "gate/answer.h"
#include "gate/replies.h"

namespace matricula::pipeline {
namespace {

bool is_of_stranger(const Pending& pending) {
  return pending.caller != nullptr && pending.caller->kind == auth::PrincipalKind::kAnonymous;
}

}  // namespace

void answer(const Service& service, Pending pending, http::Response response) {
  const EndpointRequest& request = pending.request;
  if (is_of_stranger(pending) && !pending.charged.has_limit()) {
    gate::Refusal charged = gate::charge_address(service.gate, request.http, std::move(response));
    response = std::move(charged.response);
    pending.charged = charged.charged;
  } else if (pending.caller == nullptr) {
    pending.charged = gate::shown_allowance(service.gate, request.http, pending.charged);
  }
  gate::finish(service.gate, response, pending.caller.get(), pending.charged);
  const bool is_unwanted = response.status == 503 && request.http.is_client_gone();
  service.metrics.of(request.http.loop, request.endpoint.index)
      .observe(is_unwanted ? EndpointMetrics::kClientGone : response.status,
               service.gate.clock.monotonic() - pending.began);
  pending.responder.send(std::move(response));
}

void refuse(const Service& service, Pending pending, gate::Refusal refusal) {
  pending.note(refusal.charged);
  answer(service, std::move(pending), std::move(refusal.response));
}

void refuse_busy(const Service& service, Pending pending) {
  http::Response response = gate::busy_reply(content_type(pending.request.media));
  // The address of a stranger is charged for what failed: this was not looked at.
  if (is_of_stranger(pending)) {
    pending.caller = nullptr;
  }
  answer(service, std::move(pending), std::move(response));
}

}  // namespace matricula::pipeline
