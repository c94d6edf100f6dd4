#pragma once

#include <string>

#include "auth/access/credential_service.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::server {

// What a newcomer needs to send a first request.
struct DemoCredential {
  std::string company_id;
  std::string client_id;
  std::string client_secret;
};

// Fills a store that has no company with the synthetic one, and makes a new credential for its
// first company either way: a secret is shown once, so each start needs its own.
Result<DemoCredential> prepare_demo(storage::Database& database,
                                    auth::CredentialService& credentials, const Clock& clock);

// Prints the credential, a curl line that works as it stands, and the way into the portal.
void print_demo(const DemoCredential& credential, const std::string& url, const std::string& store);

}  // namespace matricula::server
