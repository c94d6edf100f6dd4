#pragma once

#include <sqlite3.h>

namespace matricula::storage::sqlite {

// The type by which sqlite3_bind_pointer() and the table know each other's values.
inline constexpr const char* kValueListType = "matricula.ValueList";

// Makes `value_list(?n)` a table of this connection: one column, `value`, and a row for each value
// of the storage::ValueList that the parameter is bound to. It must live while the statement runs.
// Any other parameter is an empty table. An SQLite result code.
int add_value_list(sqlite3* connection);

}  // namespace matricula::storage::sqlite
