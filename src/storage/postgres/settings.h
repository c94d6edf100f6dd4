#pragma once

#include <string>
#include <string_view>

#include "storage/postgres/connection.h"

namespace matricula::storage::postgres {

// Whether a setting holds for a connection, or for a transaction alone: behind a pooler that gives
// a connection to another client with each transaction.
enum class Scope { kSession, kTransaction };

// An expression list for SELECT with every setting that the statements of this store rely on; none
// of them is left to the defaults of the server, the database or the role. It is sent as a
// statement and not in the startup parameter `options`, which poolers refuse and which influences
// how libpq checks target_session_attrs. `version` is that of the server, as PQserverVersion()
// gives it: settings that it does not know are left out. `search_path` is an SQL literal.
std::string settings_list(Access access, Scope scope, int version, std::string_view search_path);

// Whether the server can watch for clients that went away (PostgreSQL 14, on most systems): a
// statement that may fail; empty where it would.
std::string_view watch_clients_text(int version);

// Reads in one row of text, separated by '|': the process that serves the connection, t where the
// server is a standby, t where it runs no triggers, and the search path of the store as an SQL
// literal.
extern const std::string kReadServer;

}  // namespace matricula::storage::postgres
