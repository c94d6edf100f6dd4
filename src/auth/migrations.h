#pragma once

#include <span>

#include "storage/database.h"

namespace matricula::auth {

// The tables of this module: migration 2. `users` and `companies` are records' (migration 1).
std::span<const storage::Migration> migrations();

}  // namespace matricula::auth
