#pragma once

#include <string>
#include <vector>

#include "auth/access/credential_service.h"
#include "auth/access/token_service.h"
#include "auth/access/user_service.h"

namespace matricula::domains::tokens {

// Values of the services as JSON with every field of their type in the schema; times are integers
// of microseconds.
std::string token_json(const auth::Token& token);
std::string tokens_json(const std::vector<auth::Token>& tokens);
std::string new_token_json(const auth::NewToken& token);
std::string credential_json(const auth::ClientCredential& credential);
std::string credentials_json(const std::vector<auth::ClientCredential>& credentials);
std::string new_credential_json(const auth::NewClientCredential& credential);
std::string user_json(const auth::User& user);

}  // namespace matricula::domains::tokens
