#include "parquet/hybrid.h"

#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace matricula::parquet {
namespace {

std::string hybrid(const std::vector<std::uint32_t>& numbers, unsigned width) {
  std::string out;
  append_hybrid(out, numbers, width);
  return out;
}

std::uint64_t read_varint(const std::string& text, std::size_t& at) {
  std::uint64_t value = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(text[at++]);
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) {
      return value;
    }
  }
}

// A reader after Encodings.md, bit by bit.
std::vector<std::uint32_t> read(const std::string& text, unsigned width, std::size_t count) {
  std::vector<std::uint32_t> numbers;
  std::size_t at = 0;
  while (numbers.size() < count) {
    const std::uint64_t head = read_varint(text, at);
    if ((head & 1U) == 0) {
      std::uint32_t number = 0;
      for (unsigned bits = 0; bits < width; bits += 8) {
        number |= static_cast<std::uint32_t>(static_cast<unsigned char>(text[at++])) << bits;
      }
      numbers.insert(numbers.end(), head >> 1U, number);
      continue;
    }
    const std::uint64_t packed = (head >> 1U) * 8;
    for (std::uint64_t i = 0; i < packed; ++i) {
      std::uint32_t number = 0;
      for (unsigned bit = 0; bit < width; ++bit) {
        const std::uint64_t place = i * width + bit;
        const auto byte = static_cast<unsigned char>(text[at + place / 8]);
        number |= ((byte >> (place % 8)) & 1U) << bit;
      }
      if (numbers.size() < count) {
        numbers.push_back(number);
      }
    }
    at += packed * width / 8;
  }
  EXPECT_EQ(at, text.size());
  return numbers;
}

TEST(Hybrid, TheSpecificationsExampleIsPackedFromTheLeastSignificantBit) {
  EXPECT_EQ(hybrid({0, 1, 2, 3, 4, 5, 6, 7}, 3), "\x03\x88\xc6\xfa");
}

TEST(Hybrid, EightEqualNumbersAreARunAndSevenAreNot) {
  EXPECT_EQ(hybrid(std::vector<std::uint32_t>(8, 5), 3), "\x10\x05");
  EXPECT_EQ(hybrid(std::vector<std::uint32_t>(7, 1), 1), "\x03\x7f");
}

TEST(Hybrid, ARunWithoutBitsIsItsLengthAlone) {
  EXPECT_EQ(hybrid(std::vector<std::uint32_t>(300, 0), 0), "\xd8\x04");
}

TEST(Hybrid, NothingIsNothing) {
  EXPECT_EQ(hybrid({}, 4), "");
}

TEST(Hybrid, WidthsAreThoseOfTheGreatestNumber) {
  EXPECT_EQ(bit_width(0), 0U);
  EXPECT_EQ(bit_width(1), 1U);
  EXPECT_EQ(bit_width(255), 8U);
  EXPECT_EQ(bit_width(256), 9U);
}

TEST(Hybrid, WhatIsWrittenIsReadAgainWhateverTheRuns) {
  std::mt19937 random(7);
  for (unsigned round = 0; round < 2'000; ++round) {
    const auto width = static_cast<unsigned>(random() % 21);
    std::vector<std::uint32_t> numbers;
    const std::size_t count = random() % 200;
    while (numbers.size() < count) {
      const std::uint32_t number =
          width == 0 ? 0U : static_cast<std::uint32_t>(random()) & ((1U << width) - 1);
      numbers.insert(numbers.end(), random() % 3 == 0 ? random() % 40 : 1, number);
    }
    ASSERT_EQ(read(hybrid(numbers, width), width, numbers.size()), numbers) << round;
  }
}

}  // namespace
}  // namespace matricula::parquet
