#include "auth/limits/limit_clock.h"

#include <algorithm>

#include "auth/schema/store.h"

namespace matricula::auth {
namespace {

// A new node is behind the others by little more than this; see limit_time() of the schema.
constexpr std::chrono::seconds kKeepEvery{1};

const storage::Statement kKeep("SELECT keep_limit_time(?1)");

}  // namespace

std::int64_t LimitClock::monotonic_us() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(clock_.monotonic()).count();
}

std::optional<std::int64_t> LimitClock::now() const {
  const std::int64_t ahead = ahead_us_.load();
  return ahead == INT64_MIN ? std::nullopt : std::optional(monotonic_us() + ahead);
}

storage::Bind LimitClock::bind() const {
  const auto time = now();
  return time ? storage::Bind(*time) : storage::Bind();
}

bool LimitClock::is_old() const {
  return clock_.monotonic().count() >= due_ns_.load();
}

bool LimitClock::is_due() {
  const std::int64_t now_ns = clock_.monotonic().count();
  std::int64_t due = due_ns_.load();
  const std::int64_t next = now_ns + std::chrono::nanoseconds(kKeepEvery).count();
  return now_ns >= due && due_ns_.compare_exchange_strong(due, next);
}

Result<void> LimitClock::keep(storage::Session& session) {
  std::int64_t kept = 0;
  MATRICULA_CHECK(each_row(session, kKeep, {bind()},
                           [&](const storage::Rows& rows) { kept = rows.integer(0); }));
  // The store's time went on while the answer came: this node is a little behind it, never ahead.
  const std::int64_t ahead = kept - monotonic_us();
  for (std::int64_t before = ahead_us_.load();
       before < ahead && !ahead_us_.compare_exchange_weak(before, ahead);) {
  }
  return {};
}

}  // namespace matricula::auth
