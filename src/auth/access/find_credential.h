#pragma once

#include <optional>
#include <string_view>

#include "auth/schema/uuid.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// The id of the credential with this client id; nullopt where there is none.
Result<std::optional<Uuid>> find_credential_id(storage::Session& session,
                                               std::string_view client_id);

}  // namespace matricula::auth
