#pragma once

#include <chrono>
#include <mutex>

#include "auth/callers/caller.h"
#include "auth/trail/audit.h"
#include "auth/trail/refusal_groups.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// Refused attempts on their way to the audit trail. They change nothing, so they need no
// transaction of their own, and a flood of them must not become a flood of writes: RefusalGroups
// aggregates them. Safe to call from any thread.
class Refusals {
 public:
  explicit Refusals(const Clock& clock) : clock_(clock) {}
  void add(const Caller& caller, AuditEvent event);
  // Keeps the attempt; returns `not authorized`.
  tl::unexpected<Error> refuse(const Caller& caller, AuditEvent event);
  // Keeps the attempt where `ended` is kUnauthorized; returns `ended` as it came.
  Result<void> note(Result<void> ended, const Caller& caller, const AuditEvent& event);
  // Writes the lines that are due to the audit trail, and keeps them when the store refuses; waits
  // for other writers as Database::write() does. Called about every second, by one thread at a
  // time.
  Result<void> flush(storage::Database& database,
                     std::chrono::nanoseconds wait_until = storage::kNoDeadline) {
    return write(database, wait_until, false);
  }
  // The same with all lines, due or not: at the end.
  Result<void> flush_all(storage::Database& database,
                         std::chrono::nanoseconds wait_until = storage::kNoDeadline) {
    return write(database, wait_until, true);
  }

 private:
  Result<void> write(storage::Database& database, std::chrono::nanoseconds wait_until, bool all);

  const Clock& clock_;
  std::mutex mutex_;  // guards groups_
  RefusalGroups groups_;
};

}  // namespace matricula::auth
