#pragma once

#include <string_view>

namespace matricula::records {

// The text of migration 1 in either dialect; both make the same tables, columns and orders.
// Times are microseconds since 1970, user ids the 16 bytes of a UUID, truth values 0 and 1, JSON
// canonical text. References are checked by import and not declared: a row then costs no look-ups
// that import has not cached.
extern const std::string_view kSqliteSchema;
extern const std::string_view kPostgresSchema;

}  // namespace matricula::records
