#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// The time by which tokens, secrets, sessions and JWTs are issued and end. Where the wall clock is
// set back, what has ended stays ended: the time is no earlier than
// - the start of the process and what the monotonic clock has counted since,
// - the latest time that now() gave, within a millisecond, or that read_trail() found. It goes on
//   from there at half speed until the wall clock has caught up, so that a lead comes to an end.
// A time of the second kind that is more than kLeadMax ahead comes from a clock that was wrong, and
// is dropped: once such a clock is right, so is this one. See decision 24.
//
// Safe to call from any thread; read_trail() with a session of the calling thread.
class AccessClock final : public Clock {
 public:
  static constexpr Timestamp kLeadMax = 2 * kMicrosPerDay;

  // Begins with the trail read once. `clock` must outlive it.
  static Result<std::unique_ptr<AccessClock>> open(storage::Database& database, const Clock& clock);

  Timestamp now() const override;
  std::chrono::nanoseconds monotonic() const override { return clock_.monotonic(); }

  // Takes over the latest time of the newest lines of the audit trail: what other nodes have seen,
  // and what this one saw before a restart. To be called about every 15 seconds.
  Result<void> read_trail(storage::Session& reader);
  // How far it is ahead of the wall clock.
  std::chrono::microseconds lead() const;

 private:
  explicit AccessClock(const Clock& clock);
  Timestamp counted() const;
  std::int64_t half_monotonic() const;
  void raise(std::int64_t zero) const;

  const Clock& clock_;
  const Timestamp began_;
  const std::chrono::nanoseconds began_monotonic_;
  // The latest known time less half of the monotonic clock, so that it advances at half speed.
  mutable std::atomic<std::int64_t> latest_zero_;
};

}  // namespace matricula::auth
