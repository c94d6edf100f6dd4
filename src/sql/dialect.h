#pragma once

namespace matricula::sql {

enum class Dialect { kSqlite, kPostgres };

}  // namespace matricula::sql
