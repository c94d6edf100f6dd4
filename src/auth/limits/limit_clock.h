#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// The time by which all nodes of a shared store count requests. It advances with the monotonic
// clocks of the nodes: a step of the database server's wall clock, forward or back, neither empties
// a window nor extends it. The store keeps the time of the node that is furthest ahead, and the
// others adopt it, so that nodes agree.
//
// Safe to call from any thread.
class LimitClock {
 public:
  // `clock` must outlive it.
  explicit LimitClock(const Clock& clock) : clock_(clock) {}

  // In microseconds; nullopt before keep() succeeded once.
  std::optional<std::int64_t> now() const;
  // The same as a value to bind; null for nullopt.
  storage::Bind bind() const;
  // Whether the store's time should be read again.
  bool is_old() const;
  // The same, but true for one caller alone, who has to call keep().
  bool is_due();
  // Writes its time to the store, and takes over that of the store where it is further.
  Result<void> keep(storage::Session& session);

 private:
  std::int64_t monotonic_us() const;

  const Clock& clock_;
  std::atomic<std::int64_t> ahead_us_{INT64_MIN};  // of the monotonic clock
  std::atomic<std::int64_t> due_ns_{INT64_MIN};
};

}  // namespace matricula::auth
