#include "dataapi/call.h"

#include "gate/answer.h"
#include "ratelimit/identity.h"

namespace matricula::dataapi {

spool::Owner Call::owner() const {
  return principal != nullptr ? ratelimit::short_hash(principal->identity) : 0;
}

void Call::answer(const gate::Gate& gate, http::Response response) {
  gate::finish(gate, response, principal.get(), admission.decision());
  response.owner = owner();
  responder.send(std::move(response));
}

}  // namespace matricula::dataapi
