#include "base/within_memory.h"

#include <functional>
#include <gtest/gtest.h>
#include <memory>

namespace matricula {
namespace {

TEST(WithinMemory, ALastCallReleasesWhatItsFunctionHolds) {
  const auto held = std::make_shared<int>(0);
  std::function<void(int)> counts = [held](int by) { *held += by; };
  call_last_within_memory(counts, 2);
  EXPECT_EQ(*held, 2);
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_FALSE(counts);
}

TEST(WithinMemory, ALastCallReleasesItAlsoWhereMemoryRunsOut) {
  const auto held = std::make_shared<int>(0);
  std::function<void()> fails = [held] { throw std::bad_alloc(); };
  call_last_within_memory(fails);
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace matricula
