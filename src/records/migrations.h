#pragma once

#include <span>

#include "storage/database.h"

namespace matricula::records {

// The tables of the data model: migration 1.
std::span<const storage::Migration> migrations();

}  // namespace matricula::records
