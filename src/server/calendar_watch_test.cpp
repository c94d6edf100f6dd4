#include "server/calendar_watch.h"

#include <gtest/gtest.h>

namespace matricula::server {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Timestamp kMicrosPerHour = 3'600'000'000;

class CalendarWatchTest : public testing::Test {
 protected:
  ManualClock clock_;
  CalendarWatch watch_{clock_};
};

TEST_F(CalendarWatchTest, AClockThatGoesOnIsTrusted) {
  EXPECT_TRUE(watch_.is_trusted());
  clock_.advance(hours(10'000));
  EXPECT_TRUE(watch_.is_trusted());
  clock_.set_calendar(clock_.now() + kMicrosPerHour);  // summer time, badly done
  EXPECT_TRUE(watch_.is_trusted());
}

TEST_F(CalendarWatchTest, OneThatIsSetIsNotTrustedForADay) {
  for (const Timestamp leap : {9'000 * kMicrosPerHour, -2 * kMicrosPerHour}) {
    clock_.set_calendar(clock_.now() + leap);
    EXPECT_FALSE(watch_.is_trusted());
    clock_.advance(hours(23) + minutes(59));
    EXPECT_FALSE(watch_.is_trusted());
    clock_.advance(minutes(1));
    EXPECT_TRUE(watch_.is_trusted());
  }
}

TEST_F(CalendarWatchTest, EachLeapBeginsTheDayAnew) {
  clock_.set_calendar(clock_.now() + 9'000 * kMicrosPerHour);
  EXPECT_FALSE(watch_.is_trusted());
  clock_.advance(hours(20));
  clock_.set_calendar(clock_.now() - 9'000 * kMicrosPerHour);
  EXPECT_FALSE(watch_.is_trusted());
  clock_.advance(hours(20));
  EXPECT_FALSE(watch_.is_trusted());
  clock_.advance(hours(4));
  EXPECT_TRUE(watch_.is_trusted());
}

}  // namespace
}  // namespace matricula::server
