#pragma once

#include <sqlite3.h>
#include <string>
#include <string_view>

#include "base/result.h"

namespace matricula::storage::sqlite {

// How the name of a backup that is being written ends, after that of its file; as mkstemp() has it.
inline constexpr std::string_view kDraftEnding = ".partial-XXXXXX";

// Copies the store, as it is at one moment, to a new file that only its owner may read. The file
// appears when it is complete and on disk; on failure nothing stays. Never replaces a file.
Result<void> back_up(sqlite3* source, const std::string& file);

// Copies a backup to a new file, without a trace beside the backup.
Result<void> copy_backup(const std::string& backup, const std::string& to);

// Marks a closed database as one that has no write-ahead log, so that one which lies beside it is
// known as another's: see is_backup().
Result<void> mark_as_backup(const std::string& path);

}  // namespace matricula::storage::sqlite
