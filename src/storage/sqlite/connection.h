#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <sqlite3.h>
#include <string>
#include <string_view>

#include "base/result.h"

namespace matricula::storage::sqlite {

struct CloseConnection {
  void operator()(sqlite3* connection) const noexcept;
};
// An SQLite connection; every statement on it must be finalised before it goes.
using Connection = std::unique_ptr<sqlite3, CloseConnection>;

// kRead: refuses to change anything and never checkpoints.
// kWrite: to be used under the store's LockFile only.
enum class Access { kRead, kWrite };

struct ConnectionSettings {
  std::string path;  // absolute
  std::chrono::milliseconds busy_timeout;
  std::int64_t page_cache_bytes;
};

// Opens an existing store with every setting that the design asks for. Neither kind checkpoints on
// its own; see Checkpointer.
Result<Connection> open_connection(const ConnectionSettings& settings, Access access);

// Opens with the given SQLite flags and none of our settings. `target` is a path or, with
// SQLITE_OPEN_URI, a file: address. Closing never checkpoints.
Result<Connection> open_bare(const std::string& target, int flags);

// Opens a database that no program changes for reading, and leaves no trace: the main file alone is
// read, without a lock, a log or files beside it.
Result<Connection> open_untouched(const std::string& path);

// Runs SQL of one or several statements, ignoring rows.
Result<void> run_script(sqlite3* connection, const std::string& sql);

// The first column of the first row as a number; an assertion if there is no row.
Result<std::int64_t> read_integer(sqlite3* connection, std::string_view sql);

}  // namespace matricula::storage::sqlite
