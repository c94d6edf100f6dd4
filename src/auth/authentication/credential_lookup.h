#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/callers/principal.h"
#include "auth/callers/restrictions.h"
#include "auth/schema/uuid.h"
#include "auth/secrets/secrets.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// A credential whose secret was right.
struct VerifiedCredential {
  Uuid id;
  std::vector<std::string> company_ids = {};
  Restrictions restrictions = {};
};

// nullopt for an unknown id, a wrong or ended secret and a revoked credential, after the same reads
// and comparisons in each case.
Result<std::optional<VerifiedCredential>> verify_credential(storage::Session& session,
                                                            std::string_view client_id,
                                                            const Digest& secret, Timestamp now);

// The principal of a request that carries a client id and its secret: like that of the token that
// they could be exchanged for, with a COMPANY scope for each company of the credential, and without
// a token's id. Null where verify_credential() finds nothing.
Result<std::shared_ptr<const Principal>> credential_principal(storage::Session& session,
                                                              std::string_view client_id,
                                                              const Digest& secret, Timestamp now);

Result<std::vector<std::string>> companies_of_credential(storage::Session& session, const Uuid& id);

}  // namespace matricula::auth
