#include "base/thread_group.h"

#include <atomic>
#include <gtest/gtest.h>
#include <system_error>

namespace matricula {
namespace {

// As a pool whose last thread cannot be made.
struct Pool {
  Pool(std::atomic<int>& running, bool fails) : counted(running) {
    for (int i = 0; i < 2; ++i) {
      threads.start([this] {
        ++counted;
        is_ending.wait(false);
        --counted;
      });
    }
    if (fails) {
      throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
    }
  }

  std::atomic<int>& counted;
  std::atomic<bool> is_ending{false};
  ThreadGroup threads{[this] {
    is_ending = true;
    is_ending.notify_all();
  }};
};

TEST(ThreadGroup, EndsWithWhatItsThreadsUse) {
  std::atomic<int> running{0};
  { const Pool pool(running, false); }
  EXPECT_EQ(running, 0);
}

TEST(ThreadGroup, EndsWhereTheRestOfWhatOwnsItCannotBeMade) {
  std::atomic<int> running{0};
  EXPECT_THROW(Pool(running, true), std::system_error);
  EXPECT_EQ(running, 0);
}

}  // namespace
}  // namespace matricula
