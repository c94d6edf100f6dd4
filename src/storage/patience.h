#pragma once

#include <algorithm>
#include <chrono>
#include <stop_token>

#include "base/clock.h"

// How writes in the background wait for other writers.
namespace matricula::storage {

inline constexpr std::chrono::seconds kPatience{10};
// How long the end of a program waits for one that waits.
inline constexpr std::chrono::milliseconds kBetweenLooks{500};

// How long a write waits: until `ending` is asked to stop.
struct Patience {
  const Clock& clock;
  std::stop_token ending = {};
};

// Calls write(WAIT_UNTIL), which gives a Result, again while it gets no turn among writers: for
// kPatience in all, and no longer than kBetweenLooks after the end was asked for.
template <typename Write>
auto write_patiently(const Patience& patience, const Write& write) {
  const std::chrono::nanoseconds give_up = patience.clock.monotonic() + kPatience;
  while (true) {
    const std::chrono::nanoseconds until =
        std::min<std::chrono::nanoseconds>(patience.clock.monotonic() + kBetweenLooks, give_up);
    auto done = write(until);
    const bool has_waited = patience.clock.monotonic() >= until;
    if (done || !has_waited || until == give_up || patience.ending.stop_requested()) {
      return done;
    }
  }
}

}  // namespace matricula::storage
