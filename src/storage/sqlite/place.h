#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "base/result.h"

namespace matricula::storage::sqlite {

// Marks a file as a store of ours in SQLite's header ("Mtrc"); the tool `file` shows it.
inline constexpr std::int64_t kApplicationId = 0x4d747263;

enum class StoreState {
  kMissing,  // no file
  kEmpty,    // a file without tables and without our mark
  kPresent,  // a store of ours
};

// Where a store is.
struct StorePlace {
  std::string path;  // absolute, without symbolic links: so that all who open the store agree on it
                     // PATH-lock
  StoreState state = StoreState::kMissing;
  mode_t mode = 0600;  // of its file, and for the files beside it
};

// Whether the file at this path is a backup: a store whose header says that it has no write-ahead
// log. A log beside it then belongs to the store that it replaced.
Result<bool> is_backup(const std::string& path);

// The file that holds a backup, absolute; kNotFound or kCorrupt where there is none. Needs no
// permission to write.
Result<std::string> find_backup(std::string_view path);

// Finds the store that `path` names and looks whether it is one, leaving no trace. Errors name the
// path and the remedy: no directory, no permission, not a store, a file of another program.
Result<StorePlace> find_store(std::string_view path);

}  // namespace matricula::storage::sqlite
