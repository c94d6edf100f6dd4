#pragma once

#include <chrono>
#include <cstdint>

namespace matricula {

// A moment of the calendar: microseconds since 1970-01-01T00:00:00Z, leap seconds left out.
using Timestamp = std::int64_t;

inline constexpr Timestamp kMicrosPerSecond = 1'000'000;
inline constexpr std::int64_t kSecondsPerDay = 86'400;
inline constexpr Timestamp kMicrosPerDay = kSecondsPerDay * kMicrosPerSecond;

// Where time comes from. Safe to call from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  // Calendar time; may jump.
  virtual Timestamp now() const = 0;
  // Never goes back and does not know the calendar: for deadlines, windows and latencies.
  virtual std::chrono::nanoseconds monotonic() const = 0;
};

class SystemClock final : public Clock {
 public:
  Timestamp now() const override;
  std::chrono::nanoseconds monotonic() const override;
};

// A clock that a test turns by hand. Not safe to turn while another thread reads it.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start = 1'767'225'600'000'000) : now_(start) {}
  Timestamp now() const override { return now_; }
  std::chrono::nanoseconds monotonic() const override { return monotonic_; }
  void advance(std::chrono::nanoseconds step) {
    monotonic_ += step;
    now_ += std::chrono::duration_cast<std::chrono::microseconds>(step).count();
  }
  void set_calendar(Timestamp now) { now_ = now; }

 private:
  Timestamp now_;
  std::chrono::nanoseconds monotonic_{0};
};

}  // namespace matricula
