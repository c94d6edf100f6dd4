#pragma once

#include <span>

#include "storage/database.h"

namespace matricula::migrations {

// Every step of a store's schema, in the order of their numbers; the only list. Lasts as long as
// the process.
std::span<const storage::Migration> all();

}  // namespace matricula::migrations
