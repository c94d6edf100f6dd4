#include "http/timer_wheel.h"

#include <gtest/gtest.h>
#include <new>
#include <set>

namespace matricula::http {
namespace {

using std::chrono::milliseconds;

class TimerWheelTest : public testing::Test {
 protected:
  ~TimerWheelTest() override {
    wheel_.remove(a_);
    wheel_.remove(b_);
  }
  std::set<TimerWheel::Entry*> expired_until(milliseconds now) {
    std::set<TimerWheel::Entry*> expired;
    wheel_.advance(now, [&](TimerWheel::Entry& entry) { expired.insert(&entry); });
    return expired;
  }

  TimerWheel wheel_{milliseconds(10), milliseconds(1000)};
  TimerWheel::Entry a_;
  TimerWheel::Entry b_;
};

using Entries = std::set<TimerWheel::Entry*>;

TEST_F(TimerWheelTest, AnEntryExpiresOnceNotEarlyAndWithinATick) {
  wheel_.set(a_, milliseconds(1055));
  EXPECT_EQ(expired_until(milliseconds(1054)), Entries{});
  EXPECT_EQ(expired_until(milliseconds(1065)), Entries{&a_});
  EXPECT_FALSE(a_.in_wheel());
  EXPECT_EQ(expired_until(milliseconds(2000)), Entries{});
}

TEST_F(TimerWheelTest, ADeadlineCanMoveBothWaysAndGo) {
  wheel_.set(a_, milliseconds(5000));
  wheel_.set(b_, milliseconds(1020));
  wheel_.set(a_, milliseconds(1030));
  wheel_.set(b_, milliseconds(9000));
  EXPECT_EQ(expired_until(milliseconds(2000)), Entries{&a_});
  wheel_.remove(b_);
  EXPECT_EQ(expired_until(milliseconds(20'000)), Entries{});
}

TEST_F(TimerWheelTest, DeadlinesBeyondOneTurnWait) {
  wheel_.set(a_, milliseconds(1000 + 10 * 3000));
  for (int now = 1000; now <= 31'000; now += 10) {
    EXPECT_EQ(expired_until(milliseconds(now)), Entries{}) << now;
  }
  EXPECT_EQ(expired_until(milliseconds(31'010)), Entries{&a_});
}

TEST_F(TimerWheelTest, ALongPauseExpiresAllThatIsDue) {
  wheel_.set(a_, milliseconds(1500));
  wheel_.set(b_, milliseconds(900'000));
  EXPECT_EQ(expired_until(milliseconds(500'000)), Entries{&a_});
  EXPECT_TRUE(b_.in_wheel());
}

TEST_F(TimerWheelTest, AnExpiredEntryMayBeSetAgainAtOnce) {
  wheel_.set(a_, milliseconds(1010));
  int calls = 0;
  wheel_.advance(milliseconds(1100), [&](TimerWheel::Entry& entry) {
    ++calls;
    wheel_.set(entry, milliseconds(1100));
  });
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(a_.in_wheel());
}

TEST_F(TimerWheelTest, EveryEntryIsVisitedOnceEvenWhenItMovesOrLeaves) {
  wheel_.set(a_, milliseconds(1010));
  wheel_.set(b_, milliseconds(7000));
  std::multiset<TimerWheel::Entry*> visited;
  wheel_.for_each([&](TimerWheel::Entry& entry) {
    visited.insert(&entry);
    if (&entry == &a_) {
      wheel_.set(entry, milliseconds(8000));
    } else {
      wheel_.remove(entry);
    }
  });
  EXPECT_EQ(visited, (std::multiset<TimerWheel::Entry*>{&a_, &b_}));
  EXPECT_TRUE(a_.in_wheel());
  EXPECT_FALSE(b_.in_wheel());
}

TEST_F(TimerWheelTest, AnEntryWhoseCallThrowsLeavesTheOthersInTheWheel) {
  TimerWheel::Entry c;
  wheel_.set(a_, milliseconds(1010));
  wheel_.set(b_, milliseconds(1010));
  wheel_.set(c, milliseconds(1050));
  const auto fail = [](TimerWheel::Entry&) { throw std::bad_alloc(); };
  EXPECT_THROW(wheel_.for_each(fail), std::bad_alloc);
  EXPECT_TRUE(a_.in_wheel() && b_.in_wheel() && c.in_wheel());
  EXPECT_THROW(wheel_.advance(milliseconds(1100), fail), std::bad_alloc);
  // Those that were due come with the next turn; the one that threw has had its own.
  EXPECT_EQ(expired_until(milliseconds(1100)).size(), 2U);
  EXPECT_FALSE(a_.in_wheel() || b_.in_wheel() || c.in_wheel());
}

}  // namespace
}  // namespace matricula::http
