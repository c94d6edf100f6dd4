#include "gate/answer.h"

#include <memory>

#include "gate/replies.h"

namespace matricula::gate {

void finish(const Gate& gate, http::Response& response, const auth::Principal* caller,
            const ratelimit::Decision& charged) {
  add_rate_headers(response, charged, gate.ietf_fields);
  if (caller != nullptr) {
    response.identity = auth::log_name(*caller);
  }
}

http::Response refused_response(const Gate& gate, Refusal refusal, const auth::Principal* caller,
                                const Admission& admission) {
  finish(gate, refusal.response, caller,
         refusal.charged.has_limit() ? refusal.charged : admission.decision());
  return std::move(refusal.response);
}

http::Response answer_caller(
    const Gate& gate, const Attempt& attempt, auth::Authenticator& authenticator,
    const std::function<Stage<http::Response>(const auth::Principal&)>& work) {
  std::shared_ptr<const auth::Principal> principal;
  Admission admission;
  Stage<http::Response> answered = [&]() -> Stage<http::Response> {
    MATRICULA_TRY(const Identified caller, identify(gate, attempt, authenticator));
    principal = caller.share();
    MATRICULA_TRY(admission, admit(gate, caller, attempt.request, nullptr));
    return work(*principal);
  }();
  if (answered) {
    finish(gate, *answered, principal.get(), admission.decision());
    return std::move(*answered);
  }
  Refusal& refusal = answered.error();
  if (principal == nullptr) {
    refusal.charged = shown_allowance(gate, attempt.request, refusal.charged);
  }
  return refused_response(gate, std::move(refusal), principal.get(), admission);
}

}  // namespace matricula::gate
