#include "server/memory_trimmer.h"

#include <gtest/gtest.h>

namespace matricula::server {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

TEST(MemoryTrimmer, IsDueWhenTheProcessGrewAndNoAnswerIsUnderWay) {
  spool::Budget answers(64 * kMiB, 64 * kMiB);
  MemoryTrimmer trimmer(answers);
  EXPECT_FALSE(trimmer.is_due(100 * kMiB));
  EXPECT_FALSE(trimmer.is_due(116 * kMiB - 1));
  EXPECT_TRUE(trimmer.is_due(116 * kMiB));
  ASSERT_TRUE(answers.take(1, kMiB));
  EXPECT_FALSE(trimmer.is_due(200 * kMiB));
  answers.give_back(1, kMiB);
  EXPECT_TRUE(trimmer.is_due(200 * kMiB));
  EXPECT_FALSE(trimmer.is_due(80 * kMiB));
  EXPECT_TRUE(trimmer.is_due(96 * kMiB));
}

}  // namespace
}  // namespace matricula::server
