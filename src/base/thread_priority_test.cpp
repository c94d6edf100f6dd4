#include "base/thread_priority.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace matricula {
namespace {

struct Scheduling {
  int policy = 0;
  int nice = 0;
};

Scheduling scheduling_of_thread() {
  return {.policy = sched_getscheduler(0),
          .nice = getpriority(PRIO_PROCESS, static_cast<id_t>(gettid()))};
}

// Of a thread of its own that asked for the priorities, one after the other.
Scheduling scheduling_with(std::initializer_list<ThreadPriority> priorities) {
  Scheduling scheduling;
  std::thread([&] {
    for (const ThreadPriority priority : priorities) {
      set_priority(priority);
    }
    give_way();
    scheduling = scheduling_of_thread();
  }).join();
  return scheduling;
}

TEST(ThreadPriority, IsThatOfTheThreadAlone) {
  const int before = scheduling_of_thread().nice;
  EXPECT_EQ(scheduling_with({ThreadPriority::kPrompt}).nice, before);
  EXPECT_EQ(scheduling_with({ThreadPriority::kPrompt}).policy, SCHED_OTHER);
  EXPECT_EQ(scheduling_with({ThreadPriority::kLow}).nice, std::max(before, 5));
  EXPECT_EQ(scheduling_with({ThreadPriority::kLow}).policy, SCHED_OTHER);
  EXPECT_EQ(scheduling_of_thread().nice, before);
  EXPECT_EQ(scheduling_of_thread().policy, SCHED_OTHER);
}

}  // namespace
}  // namespace matricula
