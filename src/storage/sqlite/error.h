#pragma once

#include <sqlite3.h>
#include <string_view>

#include "base/error.h"

namespace matricula::storage::sqlite {

// Turns an SQLite result code into our Error: a plain message for clients, and for the log the
// extended code, SQLite's own words and `context` (the SQL text, a path, or nothing).
Error make_error(int extended_code, std::string_view detail, std::string_view context);

// The last error of the connection.
Error last_error(sqlite3* connection, std::string_view context);

// A file of the store is not the one that a program has open: what is written then may be lost.
Error moved_error(std::string_view file);

}  // namespace matricula::storage::sqlite
