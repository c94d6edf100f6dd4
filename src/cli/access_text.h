#pragma once

#include <string>

#include "auth/access/credential_service.h"
#include "auth/access/limit_overrides.h"
#include "auth/access/token_service.h"
#include "auth/access/user_service.h"
#include "auth/schema/directory.h"
#include "auth/trail/audit.h"
#include "auth/trail/use_counter.h"

namespace matricula::cli {

// What the commands print on standard output: a JSON object each, times in RFC 3339.
std::string user_text(const auth::User& user);
std::string credential_text(const auth::ClientCredential& credential);
// {"clientId","clientSecret","id"}
std::string new_credential_text(const auth::NewClientCredential& credential);
std::string token_text(const auth::Token& token);
// {"token","id","expiresAt"}
std::string new_token_text(const auth::NewToken& token);
// {"day","uses"}
std::string day_text(const auth::DayOfUse& day);
// {"id","slug","name"}
std::string company_text(const auth::Company& company);
std::string limit_text(const auth::LimitOverride& limit);
std::string audit_text(const auth::AuditRow& row);

}  // namespace matricula::cli
