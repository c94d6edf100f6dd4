#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"
#include "storage/sqlite/connection.h"

namespace matricula::storage::sqlite {

// An assertion unless the steps are numbered 1, 2, 3, ...
void check_numbering(std::span<const Migration> known);

// How many of the known steps the store has. Refuses a store with steps that this program does not
// know, or that bear other names here; `path` is for the message.
Result<int> applied_migrations(sqlite3* connection, std::span<const Migration> known,
                               std::string_view path);

// Does one step and notes it. Call it in a write transaction.
Result<void> apply_migration(sqlite3* connection, const Migration& step, Timestamp now);

// Makes the table of applied steps where it is missing. Call it in a write transaction.
Result<void> make_migrations_table(sqlite3* connection);

}  // namespace matricula::storage::sqlite
