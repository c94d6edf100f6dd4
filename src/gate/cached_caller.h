#pragma once

#include <memory>
#include <optional>

#include "auth/authentication/authenticator.h"
#include "auth/limits/confirmation.h"
#include "gate/gate.h"
#include "gate/identify.h"

namespace matricula::gate {

// The caller of a request as the calling thread's cache has it. Before anything is answered, a
// shared store has to confirm the caller and count the request: see auth::ConfirmationBatch. Made
// by find_cached_caller() alone.
class CachedCaller {
 public:
  const auth::Principal& principal() const { return *principal_; }
  std::shared_ptr<const auth::Principal> share() const { return principal_; }
  const auth::Confirmation& confirmation() const { return confirmation_; }
  auth::Confirmation& confirmation() { return confirmation_; }

 private:
  friend std::optional<CachedCaller> find_cached_caller(const Gate& gate, const Attempt& attempt,
                                                        auth::Authenticator& authenticator);
  CachedCaller(std::shared_ptr<const auth::Principal> principal,
               const auth::Confirmation& confirmation)
      : principal_(std::move(principal)), confirmation_(confirmation) {}

  std::shared_ptr<const auth::Principal> principal_;  // never null
  auth::Confirmation confirmation_;
};

// Looks the caller up without asking the store. nullopt on a miss, where a limit is known to be
// reached, from a network that the credential is not for, and where the store is not shared; the
// caller has to go through identify() then. `authenticator` is the calling thread's.
std::optional<CachedCaller> find_cached_caller(const Gate& gate, const Attempt& attempt,
                                               auth::Authenticator& authenticator);

}  // namespace matricula::gate
