#pragma once

#include <span>
#include <sqlite3.h>
#include <string>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::storage::sqlite {

// Copies the store, as it is at one moment, to a new file that only its owner may read. The file
// appears when it is complete and on disk; on failure nothing stays. Never replaces a file.
Result<void> back_up(sqlite3* source, const std::string& file);

// Reads the whole backup, as find_backup() found it: kCorrupt, with its path and what is wrong,
// where it is cut off or damaged, rows refer to rows that are missing, or its schema is not one of
// this program's. Leaves no trace beside it.
Result<void> check_backup(const std::string& backup, std::span<const Migration> known);

// Copies a backup to a new file, without a trace beside the backup.
Result<void> copy_backup(const std::string& backup, const std::string& to);

// Marks a closed database as one that has no write-ahead log, so that one which lies beside it is
// known as another's: see is_backup().
Result<void> mark_as_backup(const std::string& path);

}  // namespace matricula::storage::sqlite
