#pragma once

#include <cstdint>
#include <string_view>

#include "auth/access/credential_service.h"
#include "auth/callers/principal.h"
#include "auth/schema/directory.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"
#include "storage/database.h"

namespace matricula::portal {

inline constexpr std::int64_t kUsageDays = 30;
inline constexpr std::int64_t kCompaniesMax = 2'000;
inline constexpr std::int64_t kAuditRowsMax = 50;
inline constexpr std::int64_t kTokensMax = 1'000;

// What the portal shows and GraphQL does not offer, as JSON under /portal/api/:
//
//   /companies              those that the caller administers, all for staff, by slug:
//                           {"companies":[{"id","slug","name"}],"more"}
//   /companies/SLUG         {"company","usage":{"days":[{"day","answered","refused"}]},"limits":
//                           {"windowSeconds","requests","ofCompany","credentials":[{"id",
//                           "requests"}]}}; days of UTC, the last kUsageDays with today, those
//                           without requests too; requests 0: no limit
//   /companies/SLUG/audit   {"rows":[{"number","at","actor","address","action","target","detail",
//                           "refused","attempts","lastAt"}],"more"}, newest first; ?before=NUMBER
//                           for the rows before
//   /companies/SLUG/tokens  {"tokens":[{"id","redactedToken","description","createdBy","createdAt",
//                           "expiresAt","lastUsedAt","scopes"}],"more"}: the live tokens that read
//                           the company, newest first; `revokeToken` of the tokens endpoint ends
//                           one
//   POST /companies/SLUG/credentials/ID/withdraw
//                           takes the company away from a credential: 204
//
// A company that the caller does not administer is answered as one that does not exist: 404.
// Safe to call from any thread with that thread's session.
class Api {
 public:
  // `rate_limit`: the server's requests in 60 seconds. The others must outlive it.
  Api(const Clock& clock, std::uint32_t rate_limit, auth::CredentialService& credentials)
      : clock_(clock), rate_limit_(rate_limit), credentials_(credentials) {}

  // Fails only as the store does.
  Result<http::Response> answer(const http::Request& request, const auth::Principal& principal,
                                storage::Session& reader) const;

 private:
  Result<http::Response> of_company(const http::Request& request, std::string_view rest,
                                    const auth::Company& company, const auth::Principal& principal,
                                    storage::Session& reader) const;
  Result<http::Response> overview(const auth::Company& company, storage::Session& reader) const;
  Result<http::Response> withdraw(std::string_view credential_id, const auth::Company& company,
                                  const auth::Caller& caller) const;

  const Clock& clock_;
  std::uint32_t rate_limit_;
  auth::CredentialService& credentials_;
};

}  // namespace matricula::portal
