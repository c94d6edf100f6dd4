#pragma once

#include <span>

#include "storage/database.h"

namespace matricula::auth {

// The tables of a whole store, in the order of their numbers: those of records (migration 1), then
// those of this module. Lasts as long as the process.
std::span<const storage::Migration> store_migrations();

}  // namespace matricula::auth
