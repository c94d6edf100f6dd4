#pragma once

#include <sqlite3.h>
#include <string>

#include "base/result.h"

namespace matricula::storage::sqlite {

// Copies the store, as it is at one moment, to a new file that only its owner may read. The file
// appears when it is complete and on disk; on failure nothing stays. Never replaces a file.
Result<void> back_up(sqlite3* source, const std::string& file);

}  // namespace matricula::storage::sqlite
