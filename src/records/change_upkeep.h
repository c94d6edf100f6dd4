#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::records {

// Deletes tombstones that are older than `before`, company by company, and thins out the times of
// numbers that old to one an hour. A follower that has not read the deleted tombstones must read
// the tables again.
Result<void> sweep_tombstones(storage::Database& database, Timestamp before);

// Gives the store a new epoch, so that no follower confuses its numbers with those of the store
// that it was copied from. Within a write.
Result<void> renew_epoch(storage::Session& session);

}  // namespace matricula::records
