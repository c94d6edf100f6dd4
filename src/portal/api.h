#pragma once

#include <cstdint>
#include <string_view>

#include "auth/access/credential_service.h"
#include "auth/callers/principal.h"
#include "auth/limits/company_ceiling.h"
#include "auth/schema/directory.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"
#include "portal/credentials.h"
#include "storage/database.h"

namespace matricula::portal {

// What the portal shows and GraphQL does not offer, as JSON under /portal/api/:
//
//   /companies              those that the caller administers, all for staff, by slug:
//                           {"companies":[{"id","slug","name"}],"more"}
//   /companies/SLUG         {"company","usage","limits":{"windowSeconds","requests","ofCompany",
//                           "companyRequests","credentials":[{"id","requests"}]},
//                           "dataEndpoints":[NAME],"restrictions"}; usage: append_use();
//                           requests 0: no limit; companyRequests: of all identities together;
//                           dataEndpoints: what a credential may be restricted to; restrictions:
//                           Credentials::append_restrictions()
//   /companies/SLUG/audit   see audit_page()
//   /companies/SLUG/tokens  see tokens_page()
//   /companies/SLUG/credentials...  see Credentials
//
// A company that the caller does not administer is answered as one that does not exist: 404.
// Safe to call from any thread with that thread's session.
class Api {
 public:
  // `rate_limit`: the server's requests in 60 seconds. The others must outlive it.
  Api(const Clock& clock, std::uint32_t rate_limit, const auth::CompanyCeiling& ceiling,
      auth::CredentialService& credentials)
      : clock_(clock), rate_limit_(rate_limit), ceiling_(ceiling), credentials_(credentials) {}

  // Fails only as the store does.
  Result<http::Response> answer(const http::Request& request, const auth::Caller& caller,
                                storage::Session& reader) const;

 private:
  Result<http::Response> of_company(const http::Request& request, std::string_view rest,
                                    const auth::Company& company, const auth::Caller& caller,
                                    storage::Session& reader) const;
  Result<http::Response> overview(const auth::Company& company, const auth::Principal& principal,
                                  storage::Session& reader) const;

  const Clock& clock_;
  std::uint32_t rate_limit_;
  const auth::CompanyCeiling& ceiling_;
  Credentials credentials_;
};

}  // namespace matricula::portal
