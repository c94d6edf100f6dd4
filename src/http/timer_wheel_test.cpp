#include "http/timer_wheel.h"

#include <gtest/gtest.h>
#include <set>

namespace matricula::http {
namespace {

using std::chrono::milliseconds;

class TimerWheelTest : public testing::Test {
 protected:
  ~TimerWheelTest() override {
    wheel.remove(a);
    wheel.remove(b);
  }
  std::set<TimerWheel::Entry*> expired_until(milliseconds now) {
    std::set<TimerWheel::Entry*> expired;
    wheel.advance(now, [&](TimerWheel::Entry& entry) { expired.insert(&entry); });
    return expired;
  }

  TimerWheel wheel{milliseconds(10), milliseconds(1000)};
  TimerWheel::Entry a;
  TimerWheel::Entry b;
};

using Entries = std::set<TimerWheel::Entry*>;

TEST_F(TimerWheelTest, AnEntryExpiresOnceNotEarlyAndWithinATick) {
  wheel.set(a, milliseconds(1055));
  EXPECT_EQ(expired_until(milliseconds(1054)), Entries{});
  EXPECT_EQ(expired_until(milliseconds(1065)), Entries{&a});
  EXPECT_FALSE(a.in_wheel());
  EXPECT_EQ(expired_until(milliseconds(2000)), Entries{});
}

TEST_F(TimerWheelTest, ADeadlineCanMoveBothWaysAndGo) {
  wheel.set(a, milliseconds(5000));
  wheel.set(b, milliseconds(1020));
  wheel.set(a, milliseconds(1030));
  wheel.set(b, milliseconds(9000));
  EXPECT_EQ(expired_until(milliseconds(2000)), Entries{&a});
  wheel.remove(b);
  EXPECT_EQ(expired_until(milliseconds(20'000)), Entries{});
}

TEST_F(TimerWheelTest, DeadlinesBeyondOneTurnWait) {
  wheel.set(a, milliseconds(1000 + 10 * 3000));
  for (int now = 1000; now <= 31'000; now += 10) {
    EXPECT_EQ(expired_until(milliseconds(now)), Entries{}) << now;
  }
  EXPECT_EQ(expired_until(milliseconds(31'010)), Entries{&a});
}

TEST_F(TimerWheelTest, ALongPauseExpiresAllThatIsDue) {
  wheel.set(a, milliseconds(1500));
  wheel.set(b, milliseconds(900'000));
  EXPECT_EQ(expired_until(milliseconds(500'000)), Entries{&a});
  EXPECT_TRUE(b.in_wheel());
}

TEST_F(TimerWheelTest, AnExpiredEntryMayBeSetAgainAtOnce) {
  wheel.set(a, milliseconds(1010));
  int calls = 0;
  wheel.advance(milliseconds(1100), [&](TimerWheel::Entry& entry) {
    ++calls;
    wheel.set(entry, milliseconds(1100));
  });
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(a.in_wheel());
}

TEST_F(TimerWheelTest, EveryEntryIsVisitedOnceEvenWhenItMovesOrLeaves) {
  wheel.set(a, milliseconds(1010));
  wheel.set(b, milliseconds(7000));
  std::multiset<TimerWheel::Entry*> visited;
  wheel.for_each([&](TimerWheel::Entry& entry) {
    visited.insert(&entry);
    if (&entry == &a) {
      wheel.set(entry, milliseconds(8000));
    } else {
      wheel.remove(entry);
    }
  });
  EXPECT_EQ(visited, (std::multiset<TimerWheel::Entry*>{&a, &b}));
  EXPECT_TRUE(a.in_wheel());
  EXPECT_FALSE(b.in_wheel());
}

}  // namespace
}  // namespace matricula::http
