#include "parquet/dictionary.h"

#include <bit>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace matricula::parquet {
namespace {

using namespace std::string_literals;

std::string plain_of(const Dictionary& dictionary, std::uint32_t number) {
  std::string out;
  dictionary.append_plain(out, number);
  return out;
}

std::string plain_of(const Dictionary& dictionary) {
  std::string out;
  dictionary.append_plain(out);
  return out;
}

TEST(Dictionary, NumbersTextsAsTheyCome) {
  Dictionary dictionary(0);
  EXPECT_EQ(dictionary.add_text("b"), 0U);
  EXPECT_EQ(dictionary.add_text(""), 1U);
  EXPECT_EQ(dictionary.add_text("b"), 0U);
  EXPECT_EQ(dictionary.size(), 2U);
  EXPECT_EQ(plain_of(dictionary, 0), "\1\0\0\0b"s);
  EXPECT_EQ(plain_of(dictionary, 1), "\0\0\0\0"s);
  EXPECT_EQ(plain_of(dictionary), "\1\0\0\0b\0\0\0\0"s);
  EXPECT_EQ(dictionary.plain_bytes(), 9U);
}

TEST(Dictionary, NumbersNumbersAsTheyCome) {
  Dictionary dictionary(4);
  EXPECT_EQ(dictionary.add_number(0x01020304), 0U);
  EXPECT_EQ(dictionary.add_number(0), 1U);
  EXPECT_EQ(dictionary.add_number(0x01020304), 0U);
  EXPECT_EQ(dictionary.size(), 2U);
  EXPECT_EQ(plain_of(dictionary, 0), "\4\3\2\1");
  EXPECT_EQ(plain_of(dictionary), "\4\3\2\1\0\0\0\0"s);
  EXPECT_EQ(dictionary.plain_bytes(), 8U);
}

TEST(Dictionary, TellsTextsOfEveryLengthApart) {
  Dictionary dictionary(0);
  const std::string text = "0123456789abcdefghij";
  std::uint32_t number = 0;
  for (std::size_t length = 0; length <= text.size(); ++length) {
    for (std::size_t changed = 0; changed <= length; ++changed) {
      std::string value = text.substr(0, length);
      if (changed < length) {
        value[changed] = '-';
      }
      ASSERT_EQ(dictionary.add_text(value), number) << value;
      ASSERT_EQ(dictionary.add_text(value), number++) << value;
    }
  }
}

TEST(Dictionary, FindsEachOfManyAndNoneAfterItWasCleared) {
  Dictionary texts(0);
  Dictionary reals(8);
  for (unsigned round = 0; round < 2; ++round) {
    for (std::uint32_t i = 0; i < 10'000; ++i) {
      ASSERT_EQ(texts.add_text(fmt::format("value {}", i)), i);
      ASSERT_EQ(reals.add_number(std::bit_cast<std::uint64_t>(i / 8.0)), i);
    }
  }
  EXPECT_EQ(texts.size(), 10'000U);
  EXPECT_EQ(reals.size(), 10'000U);
  EXPECT_EQ(plain_of(texts, 9'999), "\x0a\0\0\0value 9999"s);
  texts.clear();
  reals.clear();
  EXPECT_EQ(texts.add_text("value 9999"), 0U);
  EXPECT_EQ(reals.add_number(std::bit_cast<std::uint64_t>(9'999 / 8.0)), 0U);
}

TEST(Dictionary, IsSlowWhenValuesWereChosenToCollide) {
  // The inverse of the hash: these are the numbers whose hashes have no low bits.
  const auto with_hash = [](std::uint64_t hash) {
    hash ^= hash >> 32U;
    hash *= 0xf1de83e19937733dU;
    return hash ^ (hash >> 32U);
  };
  Dictionary chosen(8);
  Dictionary ordinary(8);
  for (std::uint64_t i = 0; i < 2'000; ++i) {
    chosen.add_number(with_hash(i << 20U));
    ordinary.add_number(i);
  }
  EXPECT_TRUE(chosen.is_slow());
  EXPECT_FALSE(ordinary.is_slow());
  chosen.clear();
  EXPECT_FALSE(chosen.is_slow());
}

}  // namespace
}  // namespace matricula::parquet
