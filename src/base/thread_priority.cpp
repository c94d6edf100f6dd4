#include "base/thread_priority.h"

#include <algorithm>
#include <chrono>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace matricula {
namespace {

constexpr int kLowNice = 5;
// The least that Linux takes. Its own are some milliseconds, which a thread that becomes ready may
// have to wait for.
constexpr std::uint64_t kShortSliceNanoseconds = 100'000;

// Of sched_setattr(2), for which Debian 12 has no wrapper.
struct SchedulingAttributes {
  std::uint32_t size = sizeof(SchedulingAttributes);
  std::uint32_t policy = SCHED_OTHER;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t slice = 0;
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};
// For how long a thread of kLow goes on before it gives way: threads of its own kind may wait, too,
// and what changes hands costs some microseconds.
constexpr std::chrono::microseconds kTurn{100};

thread_local bool is_low = false;
thread_local std::chrono::steady_clock::time_point gave_way_at{};

static_assert(sizeof(SchedulingAttributes) == 48, "as in Linux 3.14, its first version");

// With the thread's nice value as it is.
void set_short_slices() {
  const id_t thread = static_cast<id_t>(gettid());
  const SchedulingAttributes attributes{.nice = getpriority(PRIO_PROCESS, thread),
                                        .slice = kShortSliceNanoseconds};
  static_cast<void>(syscall(SYS_sched_setattr, thread, &attributes, 0U));
}

// Not less nice than it is.
void be_nice() {
  const id_t thread = static_cast<id_t>(gettid());
  const int nice = std::max(getpriority(PRIO_PROCESS, thread), kLowNice);
  static_cast<void>(setpriority(PRIO_PROCESS, thread, nice));
}

}  // namespace

void set_priority(ThreadPriority priority) {
  switch (priority) {
    case ThreadPriority::kPrompt:
      set_short_slices();
      return;
    case ThreadPriority::kLow:
      be_nice();
      // Who gives way forfeits the rest of its slice.
      set_short_slices();
      is_low = true;
      return;
  }
}

void give_way() {
  if (!is_low) {
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  if (now - gave_way_at >= kTurn) {
    gave_way_at = now;
    sched_yield();
  }
}

}  // namespace matricula
