#pragma once

#include <string_view>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::storage {

// What a session of an engine can do that makes indexes anew without shutting readers out. For a
// write that adds very many rows to one table.
class IndexRebuild {
 public:
  virtual ~IndexRebuild() = default;
  // Drops the table's indexes, except unique ones, until rebuild_indexes() makes each from all rows
  // at once. That has to come before the write ends (an assertion), unless it fails.
  virtual Result<void> drop_indexes(std::string_view table) = 0;
  virtual Result<void> rebuild_indexes() = 0;
};

// Null where the engine has nothing like it. The session's.
inline IndexRebuild* index_rebuild(Session& session) {
  return dynamic_cast<IndexRebuild*>(&session);
}

}  // namespace matricula::storage
