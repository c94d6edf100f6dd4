#pragma once

#include <memory>
#include <optional>

#include "auth/callers/principal.h"
#include "auth/secrets/secrets.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// A token as it is stored.
struct StoredToken {
  std::shared_ptr<const Principal> principal;
  std::optional<Timestamp> expires_at = {};
  bool is_revoked = false;  // it, or the credential that made it
};

// Reads a token, its scopes in force and the limit that holds for it as of one state of the store.
// nullopt when there is none with this digest.
Result<std::optional<StoredToken>> read_stored_token(storage::Session& session,
                                                     const Digest& digest);

// Completes the principal of a token or of a credential: the identity that its requests are charged
// to, and the limit that the store holds for it, if any.
Result<void> read_allowance(storage::Session& session, Principal& principal);

}  // namespace matricula::auth
