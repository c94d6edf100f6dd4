#include "gate/refused_tokens.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace matricula::gate {
namespace {

using namespace std::chrono_literals;

TEST(RefusedTokens, HoldsARefusalForTenSecondsAndNoOther) {
  RefusedTokens refused;
  EXPECT_FALSE(refused.contains("Token a", 0ns));
  refused.add("Token a", 1s);
  EXPECT_TRUE(refused.contains("Token a", 1s));
  EXPECT_TRUE(refused.contains("Token a", 11s - 1ns));
  EXPECT_FALSE(refused.contains("Token a", 11s));
  EXPECT_FALSE(refused.contains("Token b", 1s));
}

TEST(RefusedTokens, IsOfBoundedSize) {
  RefusedTokens refused;
  constexpr int kMany = 100'000;
  for (int i = 0; i < kMany; ++i) {
    refused.add(fmt::format("Token {}", i), 1s);
  }
  int held = 0;
  for (int i = 0; i < kMany; ++i) {
    held += refused.contains(fmt::format("Token {}", i), 1s) ? 1 : 0;
  }
  EXPECT_LE(held, 16'384);
  EXPECT_TRUE(refused.contains(fmt::format("Token {}", kMany - 1), 1s));
}

}  // namespace
}  // namespace matricula::gate
