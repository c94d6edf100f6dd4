#pragma once

#include <chrono>

#include "base/clock.h"

namespace matricula::server {

// Whether the system's wall clock can be trusted with deleting what is old. One that is set
// forwards by years would have everything deleted at once, and be set back a moment later. One
// thread.
class CalendarWatch {
 public:
  // `clock` must outlive it.
  explicit CalendarWatch(const Clock& clock);
  // False for a day from when the wall clock was found to have left the monotonic one by more than
  // an hour since the last call. To be called every now and then.
  bool is_trusted();

 private:
  const Clock& clock_;
  Timestamp calendar_;
  std::chrono::nanoseconds monotonic_;
  std::chrono::nanoseconds trusted_from_;
};

}  // namespace matricula::server
