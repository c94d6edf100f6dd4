#include <algorithm>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

#include "ratelimit/limiter.h"

namespace matricula::ratelimit {
namespace {

TEST(LimiterThreads, RemainingRunsFrom99To0EachOnce) {
  Limiter limiter({.limit = 100});
  const Identity identity = identity_of(IdentityKind::kCredential, "one");
  std::vector<std::vector<std::uint32_t>> seen(8);
  std::vector<std::thread> threads;
  threads.reserve(seen.size());
  for (auto& mine : seen) {
    threads.emplace_back([&limiter, &identity, &mine] {
      for (int i = 0; i < 1000; ++i) {
        const Decision decision = limiter.admit(identity, Nanoseconds(i), limiter.limit());
        if (decision.admitted) {
          mine.push_back(decision.remaining);
        }
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  std::vector<std::uint32_t> all;
  for (const auto& mine : seen) {
    all.insert(all.end(), mine.begin(), mine.end());
  }
  std::sort(all.begin(), all.end());
  std::vector<std::uint32_t> expected(100);
  for (std::uint32_t i = 0; i < 100; ++i) {
    expected[i] = i;
  }
  EXPECT_EQ(all, expected);
}

}  // namespace
}  // namespace matricula::ratelimit
