#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "auth/access/credential_rows.h"
#include "auth/callers/caller.h"
#include "auth/secrets/secrets.h"
#include "auth/trail/refusals.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

struct NewClientCredential {
  std::string client_id;
  std::string client_secret;  // the only copy
  ClientCredential credential;
};

struct CreateClientCredential {
  std::vector<std::string> company_ids;
  std::string description = {};
  Restrictions restrictions = {};
};

inline constexpr std::int64_t kOverlapSecondsMax = 604'800;
inline constexpr std::size_t kCredentialCompaniesMax = 1'000;

// Client credentials. Who may: an admin of every company of the credential, staff, the operator
// (withdraw(): of one company); anyone else, and an id that does not exist, is kUnauthorized `not
// authorized`. Every change and its audit row are one transaction. Safe to call from any thread.
class CredentialService {
 public:
  // All must outlive it.
  CredentialService(storage::Database& database, const Secrets& secrets, Refusals& refusals,
                    const Clock& clock)
      : database_(database), secrets_(secrets), refusals_(refusals), clock_(clock) {}

  Result<NewClientCredential> create(const CreateClientCredential& input, const Caller& caller);
  // A new secret now; the newest one before it ends after `overlap_seconds`, older ones end now.
  // kBadUserInput for a revoked credential and for an overlap outside 0 to 604800.
  Result<NewClientCredential> rotate(std::string_view credential_id, std::int64_t overlap_seconds,
                                     const Caller& caller);
  // Also ends every token made from it. Revoking twice is no error.
  Result<void> revoke(std::string_view credential_id, const Caller& caller);
  // Takes one company away from the credential and from its live tokens: what an admin of that
  // company may do where the credential also covers companies that the admin does not administer.
  // The last company is not taken away: the credential is revoked instead.
  Result<void> withdraw(std::string_view credential_id, std::string_view company_id,
                        const Caller& caller);
  // Replaces the restrictions from the next request on.
  Result<ClientCredential> restrict(std::string_view credential_id,
                                    const Restrictions& restrictions, const Caller& caller);
  // Newest first: those with a company that the principal administers (staff, operator: all); with
  // `company_id` those of that company, which the principal must administer. A credential shows
  // only the companies that the principal administers, and its use for these (with `company_id`:
  // for that one).
  Result<std::vector<ClientCredential>> list(storage::Session& reader, const Principal& principal,
                                             std::optional<std::string_view> company_id);

 private:
  storage::Database& database_;
  const Secrets& secrets_;
  Refusals& refusals_;
  const Clock& clock_;
};

}  // namespace matricula::auth
