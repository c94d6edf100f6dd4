#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/callers/restrictions.h"
#include "auth/schema/uuid.h"
#include "auth/secrets/secrets.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// The fields of the tokens schema, and more; ids are texts.
struct ClientCredential {
  std::string id;
  std::string client_id;
  std::string redacted_secret;
  std::string description;
  std::vector<std::string> company_ids = {};
  std::string created_by;
  Timestamp created_at = 0;
  Timestamp updated_at = 0;
  std::optional<Timestamp> last_used_at = {};
  std::optional<Timestamp> previous_secret_expires_at = {};
  std::optional<Timestamp> revoked_at = {};
  Restrictions restrictions = {};  // not in the schema: for the command line
};

// nullopt where there is none. `now` decides whether the previous secret has ended.
Result<std::optional<ClientCredential>> read_credential(storage::Session& session, const Uuid& id,
                                                        Timestamp now);
// The same for many, in the order of the ids and without those that do not exist: three statements
// whatever their number.
Result<std::vector<ClientCredential>> read_credentials(storage::Session& session,
                                                       std::span<const Uuid> ids, Timestamp now);
// Newest first: all, or those that cover one of the companies.
Result<std::vector<Uuid>> credential_ids(storage::Session& session);
Result<std::vector<Uuid>> credential_ids_of(storage::Session& session,
                                            std::span<const std::string> company_ids);

// When the tokens of credentials were last used to read a company, by the credential's id, as far
// as it is known.
struct CompanyUse {
  std::string company_id;
  Timestamp last_used_at = 0;
};
Result<std::multimap<std::string, CompanyUse>> read_company_uses(storage::Session& session,
                                                                 std::span<const Uuid> ids);

// Makes `secret` the newest of the credential's. The one that was newest ends at
// `previous_ends_at`, or now without it; older ones end now.
Result<void> add_secret(storage::Session& transaction, const Uuid& credential_id,
                        const Digest& secret, std::string_view tail, Timestamp now,
                        std::optional<Timestamp> previous_ends_at);

}  // namespace matricula::auth
