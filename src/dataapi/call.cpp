#include "dataapi/call.h"

#include <cstring>

#include "gate/answer.h"

namespace matricula::dataapi {

spool::Owner Call::owner() const {
  spool::Owner owner = 0;
  if (principal != nullptr) {
    std::memcpy(&owner, principal->identity.digest.data(), sizeof owner);
  }
  return owner;
}

void Call::answer(const gate::Gate& gate, http::Response response) {
  gate::finish(gate, response, principal.get(), admission.decision());
  response.owner = owner();
  responder.send(std::move(response));
}

}  // namespace matricula::dataapi
