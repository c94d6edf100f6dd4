#include "ratelimit/limiter.h"

#include <deque>
#include <gtest/gtest.h>
#include <random>
#include <string>

namespace matricula::ratelimit {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Identity user(int number) {
  return identity_of(IdentityKind::kUser, std::to_string(number));
}

constexpr Decision refused(std::uint32_t limit, std::uint32_t wait) {
  return {.admitted = false, .limit = limit, .remaining = 0, .retry_after_seconds = wait};
}

TEST(Limiter, AFreshIdentityHasItsLimitAndNotOneMore) {
  Limiter limiter({.limit = 100});
  for (std::uint32_t i = 0; i < 100; ++i) {
    EXPECT_EQ(limiter.admit(user(1), seconds(5), limiter.limit()),
              (Decision{.admitted = true, .limit = 100, .remaining = 99 - i}));
  }
  EXPECT_EQ(limiter.admit(user(1), seconds(5), limiter.limit()), refused(100, 60));
  EXPECT_TRUE(limiter.admit(user(2), seconds(5), limiter.limit()).admitted);
}

TEST(Limiter, ARequestLeavesTheWindowAfterExactlySixtySeconds) {
  Limiter limiter({.limit = 1});
  EXPECT_TRUE(limiter.admit(user(1), seconds(10), limiter.limit()).admitted);
  EXPECT_EQ(limiter.admit(user(1), seconds(70) - Nanoseconds(1), limiter.limit()), refused(1, 1));
  EXPECT_TRUE(limiter.admit(user(1), seconds(70), limiter.limit()).admitted);
}

TEST(Limiter, RetryAfterIsRoundedUpAndBetweenOneAndSixty) {
  Limiter limiter({.limit = 1});
  EXPECT_TRUE(limiter.admit(user(1), milliseconds(500), limiter.limit()).admitted);
  EXPECT_EQ(limiter.admit(user(1), milliseconds(500), limiter.limit()), refused(1, 60));
  EXPECT_EQ(limiter.admit(user(1), milliseconds(501), limiter.limit()), refused(1, 60));
  EXPECT_EQ(limiter.admit(user(1), milliseconds(1500), limiter.limit()), refused(1, 59));
  EXPECT_EQ(limiter.admit(user(1), milliseconds(60'499), limiter.limit()), refused(1, 1));
}

TEST(Limiter, RefusedRequestsDoNotCount) {
  Limiter limiter({.limit = 2});
  EXPECT_TRUE(limiter.admit(user(1), seconds(0), limiter.limit()).admitted);
  EXPECT_TRUE(limiter.admit(user(1), seconds(30), limiter.limit()).admitted);
  for (int second = 30; second < 60; ++second) {
    EXPECT_FALSE(limiter.admit(user(1), seconds(second), limiter.limit()).admitted);
  }
  EXPECT_TRUE(limiter.admit(user(1), seconds(60), limiter.limit()).admitted);
}

TEST(Limiter, SeveralRequestsAreCountedTogetherOrNotAtAll) {
  Limiter limiter({.limit = 5});
  EXPECT_EQ(limiter.admit(user(1), seconds(0), 5, 3).remaining, 2U);
  EXPECT_EQ(limiter.admit(user(1), seconds(10), 5, 3), refused(5, 50));
  EXPECT_EQ(limiter.admit(user(1), seconds(10), 5, 1).remaining, 1U);
  EXPECT_EQ(limiter.admit(user(1), seconds(20), 5, 5), refused(5, 50));
  EXPECT_EQ(limiter.admit(user(1), seconds(70), 5, 5).remaining, 0U);
}

TEST(Limiter, ARequestThatIsTakenBackDoesNotCount) {
  Limiter limiter({.limit = 3});
  limiter.take_back(user(1), seconds(0));  // was never counted
  EXPECT_EQ(limiter.admit(user(1), seconds(1), limiter.limit()).remaining, 2U);
  EXPECT_EQ(limiter.admit(user(1), seconds(2), limiter.limit()).remaining, 1U);
  EXPECT_EQ(limiter.admit(user(1), seconds(3), limiter.limit()).remaining, 0U);
  limiter.take_back(user(1), seconds(2));
  EXPECT_EQ(limiter.peek(user(1), seconds(3), limiter.limit()).remaining, 1U);
  // The one of the first second and the one of the third are left.
  EXPECT_EQ(limiter.peek(user(1), seconds(61), limiter.limit()).remaining, 2U);
  EXPECT_EQ(limiter.peek(user(1), seconds(62), limiter.limit()).remaining, 2U);
  limiter.take_back(user(1), seconds(4));
  EXPECT_EQ(limiter.peek(user(1), seconds(62), limiter.limit()).remaining, 2U);
  limiter.take_back(user(1), seconds(3));
  EXPECT_EQ(limiter.peek(user(1), seconds(62), limiter.limit()).remaining, 3U);
  EXPECT_EQ(limiter.admit(user(1), seconds(62), limiter.limit()).remaining, 2U);
}

TEST(Limiter, ZeroIsOff) {
  Limiter limiter({.limit = 0});
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(limiter.admit(user(1), seconds(0), limiter.limit()), Decision{});
  }
  EXPECT_EQ(limiter.size(), 0U);
}

TEST(Limiter, AnIdentityMayHaveALimitOfItsOwn) {
  Limiter limiter({.limit = 1});
  for (std::uint32_t i = 0; i < 500; ++i) {
    EXPECT_EQ(limiter.admit(user(1), seconds(0), 500).remaining, 499 - i);
  }
  EXPECT_EQ(limiter.admit(user(1), seconds(0), 500), refused(500, 60));
}

TEST(Limiter, AfterALimitIsLoweredTheWindowMustEmptyBelowIt) {
  Limiter limiter({.limit = 3});
  for (int second = 0; second < 3; ++second) {
    EXPECT_TRUE(limiter.admit(user(1), seconds(second), limiter.limit()).admitted);
  }
  EXPECT_EQ(limiter.admit(user(1), seconds(3), 2), refused(2, 58));
  EXPECT_TRUE(limiter.admit(user(1), seconds(61), 2).admitted);
}

TEST(Limiter, PeekTellsWithoutCounting) {
  Limiter limiter({.limit = 2});
  EXPECT_EQ(limiter.peek(user(1), seconds(0), limiter.limit()), (Decision{true, 2, 2, 0}));
  EXPECT_TRUE(limiter.admit(user(1), seconds(0), limiter.limit()).admitted);
  EXPECT_EQ(limiter.peek(user(1), seconds(0), limiter.limit()), (Decision{true, 2, 1, 0}));
  EXPECT_TRUE(limiter.admit(user(1), seconds(0), limiter.limit()).admitted);
  EXPECT_EQ(limiter.peek(user(1), seconds(0), limiter.limit()), refused(2, 60));
  EXPECT_EQ(limiter.size(), 1U);
}

TEST(Limiter, AFloodOfIdentitiesIsBoundedAndNeverFreesOneThatOwes) {
  Limiter limiter({.limit = 2, .identities_max = 100, .shards = 1});
  EXPECT_TRUE(limiter.admit(user(0), seconds(0), limiter.limit()).admitted);
  EXPECT_TRUE(limiter.admit(user(0), seconds(0), limiter.limit()).admitted);
  for (int i = 1; i <= 10'000; ++i) {
    ASSERT_TRUE(limiter.admit(user(i), seconds(1), limiter.limit()).admitted);
    ASSERT_LE(limiter.size(), 100U);
  }
  EXPECT_EQ(limiter.admit(user(0), seconds(2), limiter.limit()), refused(2, 58));
  EXPECT_TRUE(limiter.admit(user(0), seconds(60), limiter.limit()).admitted);
}

TEST(Limiter, WhenAllOweANewcomerIsRefusedUntilOneHasRoom) {
  Limiter limiter({.limit = 1, .identities_max = 10, .shards = 1});
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(limiter.admit(user(i), seconds(i), limiter.limit()).admitted);
  }
  EXPECT_EQ(limiter.admit(user(10), seconds(20), limiter.limit()), refused(1, 40));
  EXPECT_EQ(limiter.admit(user(0), seconds(20), limiter.limit()), refused(1, 40));
  EXPECT_TRUE(limiter.admit(user(10), seconds(60), limiter.limit()).admitted);
}

TEST(Limiter, MemoryOfExpiredIdentitiesIsUsedAgain) {
  Limiter limiter({.limit = 5, .identities_max = 1000, .shards = 1});
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(limiter.admit(user(i), seconds(0), limiter.limit()).admitted);
  }
  for (int i = 0; i < 900; ++i) {
    EXPECT_TRUE(limiter.admit(user(5000 + i), seconds(61), limiter.limit()).admitted);
  }
  EXPECT_EQ(limiter.size(), 900U);
}

// Against the plainest possible model, over random times, identities and limits.
TEST(Limiter, AgreesWithAListOfTimesAndRetryAfterAlwaysSuffices) {
  Limiter limiter({.limit = 7, .identities_max = 64, .shards = 4});
  std::array<std::deque<Nanoseconds>, 8> model;
  std::mt19937_64 random(42);
  Nanoseconds now{0};
  for (int step = 0; step < 50'000; ++step) {
    now += milliseconds(random() % 2'000);
    const auto number = random() % model.size();
    auto& times = model[number];
    while (!times.empty() && now - times.front() >= seconds(60)) {
      times.pop_front();
    }
    const Decision decision = limiter.admit(user(static_cast<int>(number)), now, limiter.limit());
    ASSERT_EQ(decision.admitted, times.size() < 7);
    if (decision.admitted) {
      times.push_back(now);
      ASSERT_EQ(decision.remaining, 7 - times.size());
    } else {
      const Nanoseconds later = now + seconds(decision.retry_after_seconds);
      ASSERT_GE(later - times.front(), seconds(60));
      ASSERT_LT(later - seconds(1) - times.front(), seconds(60));
    }
  }
}

}  // namespace
}  // namespace matricula::ratelimit
