#pragma once

#include <string>
#include <vector>

#include "auth/schema/uuid.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::cli {

// Translate what people type to the ids that the services take. Every id that a command prints is
// accepted. kNotFound names the text, and the command that lists the existing ones.

// A company's id or its slug.
Result<std::string> company_id(storage::Session& session, const std::string& text);
Result<std::vector<std::string>> company_ids(storage::Session& session,
                                             const std::vector<std::string>& texts);
// A credential's id or its client id.
Result<std::string> credential_id(storage::Session& session, const std::string& text);
// A token's id.
Result<auth::Uuid> token_id(storage::Session& session, const std::string& text);

}  // namespace matricula::cli
