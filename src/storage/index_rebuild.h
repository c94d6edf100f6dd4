#pragma once

#include <string_view>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::storage {

// Drops and rebuilds indexes without blocking readers, for a write that adds very many rows to one
// table. A session implements it where its engine can.
class IndexRebuild {
 public:
  virtual ~IndexRebuild() = default;
  // Drops the table's indexes, except unique ones. rebuild_indexes() has to be called before the
  // write ends (an assertion), unless the write fails.
  virtual Result<void> drop_indexes(std::string_view table) = 0;
  virtual Result<void> rebuild_indexes() = 0;
};

// Null where the engine cannot. Owned by the session.
inline IndexRebuild* index_rebuild(Session& session) {
  return dynamic_cast<IndexRebuild*>(&session);
}

}  // namespace matricula::storage
