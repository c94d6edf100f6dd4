#pragma once

#include <string>
#include <string_view>

#include "auth/access/credential_service.h"
#include "auth/callers/caller.h"
#include "auth/schema/directory.h"
#include "base/result.h"
#include "http/message.h"
#include "storage/database.h"

namespace matricula::portal {

// The portal's operations on client credentials that the tokens endpoint does not offer:
// restrictions to networks and data endpoints, and removing one company from a credential.
//
//   POST .../credentials                  {"description","companyIds","networks","endpoints"}, each
//                                         optional; without companyIds for the company of the path:
//                                         {"clientId","clientSecret","id","companyIds"}
//   POST .../credentials/ID/restrictions  {"networks","endpoints"}, both of them, in place of those
//                                         before; [] for no restriction: 204
//   POST .../credentials/ID/withdraw      takes the company away from the credential; no body: 204
//
// 415 and 400 name what is wrong with the body; 403 where the caller does not administer every
// company that is concerned. A credential that does not cover the company is answered as one that
// does not exist: 404. Safe to call from any thread.
class Credentials {
 public:
  // `service` must outlive it.
  explicit Credentials(auth::CredentialService& service) : service_(service) {}

  // `rest`: the path after `/credentials`; the caller administers the company. Fails only as the
  // store does.
  Result<http::Response> answer(const http::Request& request, std::string_view rest,
                                const auth::Company& company, const auth::Caller& caller,
                                storage::Session& reader) const;

  // Appends [{"id","networks","endpoints"}]: those of the company's credentials that have
  // restrictions.
  Result<void> append_restrictions(std::string& out, const auth::Principal& viewer,
                                   const auth::Company& company, storage::Session& reader) const;

 private:
  Result<http::Response> create(const http::Request& request, const auth::Company& company,
                                const auth::Caller& caller) const;
  Result<http::Response> restrict(const http::Request& request, std::string_view id,
                                  const auth::Caller& caller) const;
  Result<http::Response> withdraw(const http::Request& request, std::string_view id,
                                  const auth::Company& company, const auth::Caller& caller) const;

  auth::CredentialService& service_;
};

}  // namespace matricula::portal
