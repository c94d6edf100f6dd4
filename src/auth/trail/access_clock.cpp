#include "auth/trail/access_clock.h"

#include <algorithm>
#include <optional>

#include "auth/schema/store.h"

namespace matricula::auth {
namespace {

// Lines are in the order of their times, give or take some seconds.
constexpr std::int64_t kNewestLines = 100;
// So that threads, which all ask for the time, seldom write to the memory that they share.
constexpr Timestamp kStep = 1'000;

const storage::Statement kLatest(
    "SELECT MAX(at) FROM (SELECT COALESCE(last_at, at) AS at FROM audit_log"
    " ORDER BY number DESC LIMIT ?1) AS newest WHERE at <= ?2");

std::int64_t micros(std::chrono::nanoseconds time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

}  // namespace

Result<std::unique_ptr<AccessClock>> AccessClock::open(storage::Database& database,
                                                       const Clock& clock) {
  std::unique_ptr<AccessClock> access_clock(new AccessClock(clock));
  MATRICULA_TRY(const auto reader, database.open_reader());
  MATRICULA_CHECK(access_clock->read_trail(*reader));
  return access_clock;
}

AccessClock::AccessClock(const Clock& clock)
    : clock_(clock),
      began_(clock.now()),
      began_monotonic_(clock.monotonic()),
      latest_zero_(began_ - half_monotonic()) {}

Timestamp AccessClock::now() const {
  const Timestamp counted = this->counted();
  const std::int64_t half = half_monotonic();
  std::int64_t zero = latest_zero_.load(std::memory_order_relaxed);
  const Timestamp latest = zero + half;
  if (latest > counted + kLeadMax) {
    latest_zero_.compare_exchange_strong(zero, counted - half);
    return counted;
  }
  if (counted > latest + kStep) {
    raise(counted - half);
  }
  return std::max(counted, latest);
}

Result<void> AccessClock::read_trail(storage::Session& reader) {
  std::optional<Timestamp> latest;
  MATRICULA_CHECK(each_row(reader, kLatest, {kNewestLines, counted() + kLeadMax},
                           [&](const storage::Rows& rows) { latest = optional_time(rows, 0); }));
  if (latest) {
    raise(*latest - half_monotonic());
  }
  return {};
}

std::chrono::microseconds AccessClock::lead() const {
  return std::chrono::microseconds(now() - clock_.now());
}

// The wall clock, but no earlier than the monotonic clock has counted from the start on.
Timestamp AccessClock::counted() const {
  return std::max(clock_.now(), began_ + micros(clock_.monotonic() - began_monotonic_));
}

std::int64_t AccessClock::half_monotonic() const {
  return micros(clock_.monotonic()) / 2;
}

void AccessClock::raise(std::int64_t zero) const {
  for (std::int64_t before = latest_zero_.load(std::memory_order_relaxed);
       before < zero && !latest_zero_.compare_exchange_weak(before, zero);) {
  }
}

}  // namespace matricula::auth
