#pragma once

#include <functional>

#include "auth/authentication/authenticator.h"
#include "gate/admit.h"
#include "gate/gate.h"
#include "gate/identify.h"
#include "gate/stage.h"

namespace matricula::gate {

// Completes an answer: the headers of the allowance that was charged, and who was answered, for the
// access log. A null `caller` leaves `response.identity` as it is.
void finish(const Gate& gate, http::Response& response, const auth::Principal* caller,
            const ratelimit::Decision& charged);

// The completed response of a refusal. The headers are of the allowance that was charged for it,
// else of `admission`.
http::Response refused_response(const Gate& gate, Refusal refusal,
                                const auth::Principal* caller = nullptr,
                                const Admission& admission = {});

// Identifies and admits the caller, lets `work` answer it, and completes the answer or the refusal.
// `authenticator` is the calling thread's.
http::Response answer_caller(
    const Gate& gate, const Attempt& attempt, auth::Authenticator& authenticator,
    const std::function<Stage<http::Response>(const auth::Principal&)>& work);

}  // namespace matricula::gate
