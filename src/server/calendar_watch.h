#pragma once

#include <chrono>

#include "base/clock.h"

namespace matricula::server {

// Whether the system's wall clock can be trusted for deleting old data. A clock that is set
// forwards by years, even for a moment, would have everything deleted. One thread at a time.
class CalendarWatch {
 public:
  // `clock` must outlive it.
  explicit CalendarWatch(const Clock& clock);
  // False for a day after the wall clock moved by more than an hour against the monotonic one since
  // the last call. To be called regularly.
  bool is_trusted();

 private:
  const Clock& clock_;
  Timestamp calendar_;
  std::chrono::nanoseconds monotonic_;
  std::chrono::nanoseconds trusted_from_;
};

}  // namespace matricula::server
