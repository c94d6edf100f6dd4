#include "server/calendar_watch.h"

namespace matricula::server {
namespace {

constexpr std::chrono::hours kLeapMax{1};
constexpr std::chrono::hours kDistrust{24};

}  // namespace

CalendarWatch::CalendarWatch(const Clock& clock)
    : clock_(clock),
      calendar_(clock.now()),
      monotonic_(clock.monotonic()),
      trusted_from_(monotonic_) {}

bool CalendarWatch::is_trusted() {
  const Timestamp calendar = clock_.now();
  const std::chrono::nanoseconds monotonic = clock_.monotonic();
  const std::chrono::microseconds by_calendar(calendar - calendar_);
  const auto leap = std::chrono::abs(by_calendar - (monotonic - monotonic_));
  calendar_ = calendar;
  monotonic_ = monotonic;
  if (leap > kLeapMax) {
    trusted_from_ = monotonic + kDistrust;
  }
  return monotonic >= trusted_from_;
}

}  // namespace matricula::server
