#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::storage {

// Replaces a store by a backup; nothing of the old store is left, its log included. The backup is
// checked where it is (sqlite::check_backup(), which reads all of it), copied beside the store,
// migrated and given to `prepare`; then it gets the store's name. An interruption leaves the old
// store or the new one, whole.
//
// kConflict while a program has the store open. kUsage for a store on PostgreSQL, which has tools
// of its own. kCorrupt where the backup is no store or is damaged. After an error, which names the
// backup, nothing is changed.
Result<void> restore_store(std::string_view url, const std::string& backup,
                           const OpenOptions& options, const Clock& clock,
                           const std::function<Result<void>(Database&)>& prepare);

// What is in the directory of `file` that a backup or a restore was still making when it was
// killed, or is making now: files and directories, by path. Whether the other process still runs
// is unknown (it may be on another machine), so the operator has to decide whether to remove them.
std::vector<std::string> unfinished_copies(const std::string& file);

}  // namespace matricula::storage
