#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "auth/schema/uuid.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"
#include "storage/each_row.h"

namespace matricula::auth {

// Short forms for statements of a few parameters and a few rows.

inline storage::Bind bind_optional(const std::optional<Timestamp>& time) {
  return time ? storage::Bind(*time) : storage::Bind();
}

inline std::optional<Timestamp> optional_time(const storage::Rows& rows, unsigned column) {
  return rows.is_null(column) ? std::nullopt : std::optional(rows.integer(column));
}

inline std::string text_of(const storage::Rows& rows, unsigned column) {
  return std::string(rows.text(column));
}

// The ids in the first column of a statement's rows.
inline Result<std::vector<Uuid>> read_ids(storage::Session& session,
                                          const storage::Statement& statement,
                                          std::initializer_list<storage::Bind> binds) {
  std::vector<Uuid> ids;
  MATRICULA_CHECK(storage::each_row(session, statement, binds, [&](const storage::Rows& rows) {
    ids.push_back(uuid_of(rows.bytes(0)));
  }));
  return ids;
}

// Runs a statement that gives no rows; the number of rows it changed.
inline Result<std::int64_t> run(storage::Session& session, const storage::Statement& statement,
                                std::initializer_list<storage::Bind> binds) {
  return session.execute(statement, {binds.begin(), binds.size()});
}

}  // namespace matricula::auth
