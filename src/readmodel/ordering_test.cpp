#include "readmodel/ordering.h"

#include <gtest/gtest.h>
#include <numeric>
#include <random>

namespace matricula::readmodel {
namespace {

std::vector<std::uint32_t> rows_of(const Ordering& ordering) {
  std::vector<std::uint32_t> rows;
  for (std::uint32_t place = 0; place < ordering.size(); ++place) {
    rows.push_back(ordering[place]);
  }
  return rows;
}

TEST(Ordering, InsertsAndErasesAreThoseOfAVector) {
  std::vector<std::uint32_t> expected(3'000);
  std::iota(expected.begin(), expected.end(), 0U);
  Ordering ordering(expected);
  std::mt19937 random(7);
  for (std::uint32_t round = 0; round < 6'000; ++round) {
    const bool inserts = expected.empty() || random() % 5 < (round < 3'000 ? 3U : 1U);
    const auto place = static_cast<std::uint32_t>(random() % (expected.size() + (inserts ? 1 : 0)));
    if (inserts) {
      ordering.insert(place, 10'000 + round);
      expected.insert(expected.begin() + place, 10'000 + round);
    } else {
      ordering.erase(place);
      expected.erase(expected.begin() + place);
    }
  }
  EXPECT_EQ(rows_of(ordering), expected);
}

TEST(Ordering, ACopyKeepsWhatItHad) {
  std::vector<std::uint32_t> rows(2'000);
  std::iota(rows.begin(), rows.end(), 0U);
  Ordering ordering(rows);
  const Ordering copy = ordering;
  for (std::uint32_t i = 0; i < 500; ++i) {
    ordering.erase(i);
    ordering.insert(ordering.size(), 5'000 + i);
  }
  EXPECT_EQ(rows_of(copy), rows);
  EXPECT_NE(rows_of(ordering), rows);
}

TEST(Ordering, CountsWhatComesBefore) {
  std::vector<std::uint32_t> rows(2'000);
  std::iota(rows.begin(), rows.end(), 0U);
  const Ordering ordering(rows);
  for (const std::uint32_t bound : {0U, 1U, 479U, 480U, 481U, 1'999U, 2'000U, 9'999U}) {
    EXPECT_EQ(ordering.count_before([&](std::uint32_t row) { return row >= bound; }),
              std::min(bound, 2'000U));
  }
  EXPECT_EQ(Ordering().count_before([](std::uint32_t) { return true; }), 0U);
}

TEST(Ordering, WalksFromEachRowToBothEnds) {
  std::vector<std::uint32_t> rows(1'500);
  std::iota(rows.begin(), rows.end(), 0U);
  const Ordering ordering(rows);
  for (const std::uint32_t start : {0U, 479U, 480U, 700U, 1'499U}) {
    Ordering::Walker up(ordering, start);
    for (std::uint32_t row = start; row < 1'499; ++row) {
      ASSERT_EQ(up.row(), row);
      up.forward();
    }
    EXPECT_EQ(up.row(), 1'499U);
    Ordering::Walker down(ordering, start);
    for (std::uint32_t row = start; row > 0; --row) {
      ASSERT_EQ(down.row(), row);
      down.backward();
    }
    EXPECT_EQ(down.row(), 0U);
  }
}

}  // namespace
}  // namespace matricula::readmodel
