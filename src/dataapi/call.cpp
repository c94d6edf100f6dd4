#include "dataapi/call.h"

#include <cstring>

#include "gate/replies.h"

namespace matricula::dataapi {

spool::Owner Call::owner() const {
  spool::Owner owner = 0;
  if (principal != nullptr) {
    std::memcpy(&owner, principal->identity.digest.data(), sizeof owner);
  }
  return owner;
}

void Call::answer(const gate::Gate& gate, http::Response response) {
  gate::add_rate_headers(response, admission.decision(), gate.ietf_fields);
  response.identity = principal != nullptr ? auth::log_name(*principal) : std::string();
  response.owner = owner();
  responder.send(std::move(response));
}

}  // namespace matricula::dataapi
