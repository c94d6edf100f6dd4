#pragma once

#include <string>

#include "auth/secrets/secrets.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// Reads the key file of a store, or makes both the file (mode 0600) and the store's check value
// when the store has none yet. One clear line naming both when the file is missing, is not a key
// file, may be read by others, or belongs to another store. `store` is only for messages.
Result<Secrets> open_secrets(storage::Database& database, const std::string& store,
                             const std::string& key_file);

}  // namespace matricula::auth
