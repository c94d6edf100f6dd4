#include "parquet/dictionary.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace matricula::parquet {
namespace {

TEST(Dictionary, NumbersValuesAsTheyCome) {
  Dictionary dictionary;
  EXPECT_EQ(dictionary.add("b"), 0U);
  EXPECT_EQ(dictionary.add(""), 1U);
  EXPECT_EQ(dictionary.add("b"), 0U);
  EXPECT_EQ(dictionary.at(0), "b");
  EXPECT_EQ(dictionary.at(1), "");
  EXPECT_EQ(dictionary.plain(), "b");
}

TEST(Dictionary, FindsEachOfManyAndNoneAfterItWasCleared) {
  Dictionary dictionary;
  for (unsigned round = 0; round < 2; ++round) {
    for (std::uint32_t i = 0; i < 10'000; ++i) {
      ASSERT_EQ(dictionary.add(fmt::format("value {}", i)), i);
    }
  }
  EXPECT_EQ(dictionary.size(), 10'000U);
  EXPECT_EQ(dictionary.at(9'999), "value 9999");
  dictionary.clear();
  EXPECT_EQ(dictionary.add("value 9999"), 0U);
}

}  // namespace
}  // namespace matricula::parquet
