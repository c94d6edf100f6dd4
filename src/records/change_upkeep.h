#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"
#include "storage/patience.h"

namespace matricula::records {

struct Sweep {
  Timestamp before = 0;
  // Its end ends the sweep between two transactions: the next one goes on.
  const storage::Patience& patience;
};

// Deletes tombstones that are older than `before`, company by company and in short transactions,
// and the times of numbers that old which no row has any more: a number that is left keeps its
// time. A follower that has not read the deleted tombstones must read the tables again.
Result<void> sweep_tombstones(storage::Database& database, const Sweep& sweep);

// Gives the store a new epoch, so that no follower confuses its numbers with those of the store
// that it was copied from. Within a write.
Result<void> renew_epoch(storage::Session& session);

}  // namespace matricula::records
