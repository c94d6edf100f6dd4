#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "sql/dialect.h"
#include "storage/database.h"

namespace matricula::records {

// Deletes tombstones of before `before`, company by company, and thins out the times of numbers
// that old to one an hour. Who has read less than what they cover must read the tables again.
Result<void> sweep_tombstones(storage::Database& database, Timestamp before);

// Gives the store another epoch, so that no follower takes its numbers for those that it knows.
// Within a write.
Result<void> renew_epoch(storage::Session& session, sql::Dialect dialect);

}  // namespace matricula::records
