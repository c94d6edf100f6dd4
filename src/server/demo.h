#pragma once

#include <string>

#include "auth/access/credential_service.h"
#include "auth/access/token_service.h"
#include "auth/access/user_service.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::server {

// Fills an empty store with the synthetic company of the demo and marks the store as the demo's;
// one that was not filled to the end is filled again, one that was is left as it is. Returns the
// company's id. kConflict for a store that holds anything else: the demo adds nothing to other
// data.
Result<std::string> prepare_demo(storage::Database& database, const Clock& clock);

struct DemoServices {
  auth::CredentialService& credentials;
  auth::TokenService& tokens;
  auth::UserService& users;
  const Clock& clock;
};

// All that a newcomer needs to send a first request and to log in. The secrets exist nowhere else.
struct DemoAccess {
  std::string company_id = {};
  std::string email = {};
  std::string password = {};
  std::string client_id = {};
  std::string client_secret = {};
  std::string credential_id = {};
  std::string token = {};
  std::string token_id = {};
};

// A new credential, a new token for a day, and a new password for the demo's admin.
Result<DemoAccess> open_demo(const DemoServices& services, const std::string& company_id);
// Revokes the credential and the token of an access that could not be shown.
Result<void> revoke_demo(const DemoServices& services, const DemoAccess& access);

struct DemoPlace {
  std::string url;
  std::string store;     // as of --store
  std::string key_file;  // as of --key-file; empty without it
  std::string program;   // how the program was called
};

// The text that shows the access: a log in, a credential, a curl line that works as it is printed.
std::string demo_text(const DemoAccess& access, const DemoPlace& place);

}  // namespace matricula::server
