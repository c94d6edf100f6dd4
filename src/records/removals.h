#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "records/entities.h"
#include "storage/database.h"

namespace matricula::records {

// The companies and people that one write deletes. Roles, passwords, tokens and credentials refer
// to them, and are written concurrently with records: one may be added between the deletion and the
// commit, so references are checked again then. See RecordsWrite::recheck.
class Removals {
 public:
  // A company's id as text, a person's as bytes. kBadUserInput beyond kRemovalsMax of them; of
  // other entities nothing is noted.
  Result<void> note(EntityId entity, std::string_view key);
  // Within the write, under the lock of access data's writers. kConflict names the first record
  // that is referred to by now.
  Result<void> recheck(storage::Session& session) const;

 private:
  Result<void> recheck(storage::Session& session, EntityId entity,
                       const std::vector<std::string>& keys) const;

  std::vector<std::string> companies_;
  std::vector<std::string> users_;
};

}  // namespace matricula::records
