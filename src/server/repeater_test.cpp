#include "server/repeater.h"

#include <gtest/gtest.h>
#include <semaphore>

namespace matricula::server {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Repeater, DoesItAfterEachPeriod) {
  std::counting_semaphore<> done(0);
  const Repeater repeater(milliseconds(1), [&] { done.release(); });
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(done.try_acquire_for(seconds(20)));
  }
}

TEST(Repeater, DoesItSoonWhenAsked) {
  std::counting_semaphore<> done(0);
  Repeater repeater(hours(1), [&] { done.release(); });
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(done.try_acquire());
    repeater.run_soon();
    EXPECT_TRUE(done.try_acquire_for(seconds(20)));
  }
}

TEST(Repeater, EndsWithoutDoingItOnceMore) {
  int count = 0;
  {
    const Repeater repeater(hours(1), [&] { ++count; });
  }
  EXPECT_EQ(count, 0);
}

}  // namespace
}  // namespace matricula::server
