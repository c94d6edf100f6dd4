#include "readmodel/ordering.h"

#include <algorithm>
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

std::vector<std::uint32_t> rows_up_to(std::uint32_t size) {
  std::vector<std::uint32_t> rows(size);
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

// Rows of one group of blocks, and of several.
constexpr std::uint32_t kSizes[] = {3'000, 60'000};

TEST(Ordering, InsertsAndErasesAreThoseOfAVector) {
  for (const std::uint32_t size : kSizes) {
    std::vector<std::uint32_t> expected = rows_up_to(size);
    Ordering ordering(expected);
    std::mt19937 random(7);
    for (std::uint32_t round = 0; round < 6'000; ++round) {
      const bool inserts = expected.empty() || random() % 5 < (round < 3'000 ? 3U : 1U);
      const auto place =
          static_cast<std::uint32_t>(random() % (expected.size() + (inserts ? 1 : 0)));
      if (inserts) {
        ordering.insert(place, 100'000 + round);
        expected.insert(expected.begin() + place, 100'000 + round);
      } else {
        ordering.erase(place);
        expected.erase(expected.begin() + place);
      }
    }
    EXPECT_EQ(rows_of(ordering), expected);
  }
}

// At one place, so that blocks and groups are split, and then emptied.
TEST(Ordering, GrowsFromNothingAndBack) {
  constexpr std::uint32_t kRows = 40'000;
  Ordering ordering;
  std::vector<std::uint32_t> expected;
  for (std::uint32_t row = 0; row < kRows; ++row) {
    const std::uint32_t place = std::min(ordering.size(), 700U);
    ordering.insert(place, row);
    expected.insert(expected.begin() + place, row);
  }
  EXPECT_EQ(rows_of(ordering), expected);
  for (std::uint32_t left = kRows; left > 0; --left) {
    ordering.erase(left / 2);
  }
  EXPECT_EQ(ordering.size(), 0U);
  ordering.insert(0, 5);
  EXPECT_EQ(rows_of(ordering), std::vector<std::uint32_t>{5});
}

TEST(Ordering, WhatWasCopiedKeepsWhatItHad) {
  for (const std::uint32_t size : kSizes) {
    const std::vector<std::uint32_t> rows = rows_up_to(size);
    const Ordering ordering(rows);
    Ordering copy = ordering;
    for (std::uint32_t i = 0; i < 500; ++i) {
      copy.erase(i);
      copy.insert(copy.size(), 100'000 + i);
    }
    EXPECT_EQ(rows_of(ordering), rows);
    EXPECT_NE(rows_of(copy), rows);
    const std::vector<std::uint32_t> first = rows_of(copy);
    Ordering second = ordering;
    second = copy;
    second.erase(0);
    EXPECT_EQ(rows_of(copy), first);
  }
}

TEST(Ordering, CountsWhatComesBefore) {
  for (const std::uint32_t size : kSizes) {
    const Ordering ordering(rows_up_to(size));
    for (const std::uint32_t bound :
         {0U, 1U, 479U, 480U, 481U, 2'999U, 23'039U, 23'040U, 23'041U, 59'999U, 99'999U}) {
      EXPECT_EQ(ordering.count_before([&](std::uint32_t row) { return row >= bound; }),
                std::min(bound, size));
    }
  }
  EXPECT_EQ(Ordering().count_before([](std::uint32_t) { return true; }), 0U);
}

TEST(Ordering, WalksFromEachRowToBothEnds) {
  constexpr std::uint32_t kLast = 49'999;
  const Ordering ordering(rows_up_to(kLast + 1));
  for (const std::uint32_t start : {0U, 479U, 480U, 700U, 23'039U, 23'040U, kLast}) {
    Ordering::Walker up(ordering, start);
    for (std::uint32_t row = start; row < kLast; ++row) {
      ASSERT_EQ(up.row(), row);
      up.forward();
    }
    EXPECT_EQ(up.row(), kLast);
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
