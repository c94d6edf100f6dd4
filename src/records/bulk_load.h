#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "records/entities.h"
#include "storage/database.h"

namespace matricula::records {

// Estimates whether a file changes so much of a progress table that rebuilding its indexes
// (storage::IndexRebuild) is faster than updating them. A sample of the file's records is compared
// with the store, before the store is locked for writing. One thread at a time.
class BulkLoad {
 public:
  explicit BulkLoad(const Entity& of);
  // Takes the next record of the file, not a deletion; `values` are those of the entity's fields.
  // One of kRecordsPerSample is looked up through `reader`.
  Result<void> sample(storage::Session& reader, std::span<const storage::Bind> values);
  // Whether to rebuild, given the records so far and the size of the table now.
  Result<bool> is_better_rebuilt(storage::Session& session) const;

 private:
  const Entity& of_;
  const storage::Statement same_;  // whether a record is stored, and the same
  std::uint64_t records_ = 0;
  std::uint64_t samples_ = 0;
  std::uint64_t new_ = 0;  // of the samples
  std::uint64_t changed_ = 0;
};

}  // namespace matricula::records
