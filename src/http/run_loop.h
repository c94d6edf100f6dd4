#pragma once

// Internal to the server, as loop.h is.

#include <ctime>

#include "http/loop.h"

namespace matricula::http {

// CPU time of the calling thread.
inline std::chrono::nanoseconds thread_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

// Runs the loop's callbacks until there is nothing more to wait for; with `measure_callbacks` it
// notes what the longest took. What they throw is passed on.
inline void run_callbacks(Loop& loop) {
  if (!loop.shared.config.measure_callbacks) {
    loop.io.run();
    return;
  }
  std::chrono::nanoseconds before = thread_time();
  while (loop.io.run_one() != 0) {
    const std::chrono::nanoseconds after = thread_time();
    loop.counters.longest_callback_ns.raise(static_cast<std::uint64_t>((after - before).count()));
    before = after;
  }
}

}  // namespace matricula::http
