#include <chrono>
#include <gtest/gtest.h>

#include "base/within_memory.h"
#include "ratelimit/shard.h"
#include "tests/memory/failing_new.h"

namespace matricula::ratelimit {
namespace {

using std::chrono::seconds;

constexpr int kIdentities = 100;
constexpr std::uint32_t kLimit = 5;

Identity numbered(int number) {
  Identity identity;
  identity.digest[0] = static_cast<std::uint8_t>(number);
  identity.digest[1] = static_cast<std::uint8_t>(number >> 8);
  return identity;
}

TEST(RateLimitMemory, AShardThatFoundNoneCountsOn) {
  bool has_failed = true;
  int before = 0;
  for (; has_failed && !testing::Test::HasFailure(); ++before) {
    SCOPED_TRACE(before);
    Shard shard(seconds(60), 1'000);
    const auto admit = [&shard](int number, seconds now) {
      const Identity identity = numbered(number);
      return shard.admit(identity, short_hash(identity), now, kLimit, 1);
    };
    FailingAllocations failing(static_cast<std::uint64_t>(before), 1);
    std::size_t admitted = 0;
    for (int i = 0; i < kIdentities; ++i) {
      admitted += run_within_memory([&] { static_cast<void>(admit(i, seconds(1))); }) ? 1U : 0U;
    }
    has_failed = failing.stop();
    EXPECT_EQ(shard.size(), admitted);
    EXPECT_EQ(admitted + (has_failed ? 1 : 0), static_cast<std::size_t>(kIdentities));
    for (int i = 0; i < kIdentities; ++i) {
      EXPECT_TRUE(admit(i, seconds(2)).admitted);
    }
    EXPECT_EQ(shard.size(), static_cast<std::size_t>(kIdentities));
    // All of those have expired by now, and newcomers take their places.
    for (int i = 0; i < kIdentities; ++i) {
      EXPECT_EQ(admit(kIdentities + i, seconds(100)).remaining, kLimit - 1);
    }
    EXPECT_EQ(shard.size(), static_cast<std::size_t>(kIdentities));
  }
  EXPECT_GT(before, 8);
}

}  // namespace
}  // namespace matricula::ratelimit
