#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::storage {

// Puts a backup in the place of a store, with nothing left of what was there, its log included. The
// backup is copied, checked, brought up to date and given to `prepare` beside the store; then it
// takes the store's name. Whatever interrupts it leaves the old store or the new one, whole.
//
// kConflict while a program has the store open. kUsage for a store on PostgreSQL, which has tools
// of its own. kCorrupt where the backup is no store or is damaged; nothing is then changed.
Result<void> restore_store(std::string_view url, const std::string& backup,
                           const OpenOptions& options, const Clock& clock,
                           const std::function<Result<void>(Database&)>& prepare);

}  // namespace matricula::storage
