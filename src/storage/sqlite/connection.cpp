#include "storage/sqlite/connection.h"

#include <fmt/format.h>
#include <utility>

#include "base/assert.h"
#include "storage/sqlite/error.h"
#include "storage/sqlite/limits.h"
#include "storage/sqlite/value_list.h"

namespace matricula::storage::sqlite {

namespace {

// Before SQLite is first used in the process. Its statistics of memory are behind one mutex that
// each allocation of every connection takes, and that a thread of low priority may hold.
void configure_library() {
  static const int kConfigured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(kConfigured);  // a program that has used SQLite before us keeps them
}

void set_limits(sqlite3* connection) {
  sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, kValueBytesMax);
  sqlite3_limit(connection, SQLITE_LIMIT_SQL_LENGTH, kSqlBytesMax);
  sqlite3_limit(connection, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit(connection, SQLITE_LIMIT_TRIGGER_DEPTH, 16);
  sqlite3_limit(connection, SQLITE_LIMIT_WORKER_THREADS, 0);
}

// Defence in depth: even with hostile SQL or a hostile file, the schema runs no code, SQL cannot
// damage the file, and "text" in double quotes is never taken for a string.
void set_defences(sqlite3* connection) {
  const std::pair<int, int> switches[] = {
      {SQLITE_DBCONFIG_DEFENSIVE, 1},      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
      {SQLITE_DBCONFIG_DQS_DML, 0},        {SQLITE_DBCONFIG_DQS_DDL, 0},
      {SQLITE_DBCONFIG_ENABLE_FKEY, 1},    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
      {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0}};
  for (const auto& [name, value] : switches) {
    const int code = sqlite3_db_config(connection, name, value, nullptr);
    MATRICULA_ASSERT(code == SQLITE_OK);
  }
}

// Makes SQLite read the main file alone.
std::string untouched_address(const std::string& path) {
  std::string address = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      address += fmt::format("%{:02X}", static_cast<unsigned>(c));
    } else {
      address += c;
    }
  }
  return address + "?immutable=1";
}

}  // namespace

void CloseConnection::operator()(sqlite3* connection) const noexcept {
  const int code = sqlite3_close(connection);
  MATRICULA_ASSERT(code == SQLITE_OK);
}

Result<Connection> open_bare(const std::string& target, int flags) {
  configure_library();
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(target.c_str(), &raw,
                                   flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Connection connection(raw);
  if (code != SQLITE_OK) {
    return fail(raw == nullptr ? make_error(code, "out of memory", target)
                               : last_error(raw, target));
  }
  // A checkpoint outside the store's lock is what Debian's SQLite must never do.
  const int kept = sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  MATRICULA_ASSERT(kept == SQLITE_OK);
  sqlite3_wal_autocheckpoint(raw, 0);
  return connection;
}

Result<Connection> open_untouched(const std::string& path) {
  MATRICULA_TRY(Connection connection,
                open_bare(untouched_address(path), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI));
  set_limits(connection.get());
  set_defences(connection.get());
  return connection;
}

Result<Connection> open_connection(const ConnectionSettings& settings, Access access) {
  // Readers too open the file for writing: the first of all connections may have to rebuild the
  // shared index of the write-ahead log. query_only keeps them from changing the data.
  MATRICULA_TRY(Connection connection, open_bare(settings.path, SQLITE_OPEN_READWRITE));
  sqlite3_busy_timeout(connection.get(), static_cast<int>(settings.busy_timeout.count()));
  set_limits(connection.get());
  set_defences(connection.get());
  if (add_value_list(connection.get()) != SQLITE_OK) {
    return fail(last_error(connection.get(), "value_list"));
  }
  // A page of the mapped file is looked over again at each use: with cell_size_check that is a
  // third of a request's time (decision 7). The writer and `check` look; readers change nothing.
  // What a reader sorts fits into memory; the writer makes whole indexes anew.
  MATRICULA_CHECK(run_script(
      connection.get(),
      fmt::format("PRAGMA synchronous=FULL;"
                  "PRAGMA cell_size_check={};"
                  "PRAGMA temp_store={};"
                  "PRAGMA cache_size=-{};"
                  "PRAGMA mmap_size={};"
                  "PRAGMA query_only={};",
                  access == Access::kRead ? 0 : 1, access == Access::kRead ? "MEMORY" : "FILE",
                  settings.page_cache_bytes / 1024, access == Access::kRead ? kMappedBytesMax : 0,
                  access == Access::kRead ? 1 : 0)));
  return connection;
}

Result<void> run_script(sqlite3* connection, const std::string& sql) {
  if (sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return fail(last_error(connection, sql));
  }
  return {};
}

Result<std::int64_t> read_integer(sqlite3* connection, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(connection, sql.data(), static_cast<int>(sql.size()), &statement,
                         nullptr) != SQLITE_OK) {
    return fail(last_error(connection, sql));
  }
  const int code = sqlite3_step(statement);
  const std::int64_t value = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
  if (sqlite3_finalize(statement) != SQLITE_OK) {
    return fail(last_error(connection, sql));
  }
  MATRICULA_ASSERT(code == SQLITE_ROW);
  return value;
}

}  // namespace matricula::storage::sqlite
