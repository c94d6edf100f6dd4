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
  kEmpty,    // a file in which nothing was ever stored
  kPresent,  // a store of ours
};

// Where a store is.
struct StorePlace {
  std::string path;  // absolute, without symbolic links: all who open the store must meet in one
                     // PATH-lock
  StoreState state = StoreState::kMissing;
  mode_t mode = 0600;  // of its file, and for the files beside it
};

// Finds the store that `path` names and looks whether it is one, leaving no trace. Errors name the
// path and the remedy: no directory, no permission, not a store, a file of another program.
Result<StorePlace> find_store(std::string_view path);

}  // namespace matricula::storage::sqlite
