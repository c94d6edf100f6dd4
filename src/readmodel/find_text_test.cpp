#include "readmodel/find_text.h"

#include <gtest/gtest.h>
#include <random>
#include <string>

namespace matricula::readmodel {
namespace {

constexpr std::size_t kBehind = 16;

TEST(FindText, IsThatOfTheStandardLibrary) {
  std::mt19937 random(3);
  const auto pick = [&](std::size_t bound) { return random() % bound; };
  int found = 0;
  for (int round = 0; round < 20'000; ++round) {
    // Of few letters, so that parts of a needle occur; the bytes behind the text could go on with
    // it.
    std::string text;
    const std::size_t size = pick(70);
    for (std::size_t i = 0; i < size + kBehind; ++i) {
      text += static_cast<char>('a' + pick(3));
    }
    std::string needle;
    for (std::size_t i = 1 + pick(round % 50 == 0 ? 40 : 7); i > 0; --i) {
      needle += static_cast<char>('a' + pick(3));
    }
    const std::string_view part = std::string_view(text).substr(0, size);
    const bool expected = part.find(needle) != std::string_view::npos;
    ASSERT_EQ(contains(part, needle), expected) << part << " " << needle;
    found += expected ? 1 : 0;
  }
  EXPECT_GT(found, 1'000);
}

TEST(FindText, FindsTheNeedleAtEachPlaceAndNotBehindTheText) {
  for (std::size_t place = 0; place < 40; ++place) {
    std::string text(60 + kBehind, '.');
    text.replace(place, 5, "smith");
    const std::string_view all(text);
    EXPECT_TRUE(contains(all.substr(0, 60), "smith"));
    EXPECT_TRUE(contains(all.substr(0, place + 5), "smith"));
    EXPECT_FALSE(contains(all.substr(0, place + 4), "smith"));
    EXPECT_FALSE(contains(all.substr(0, 60), "smyth"));
    EXPECT_EQ(contains(all.substr(0, place + 2), "sm"), true);
    EXPECT_EQ(contains(all.substr(0, place + 1), "sm"), false);
  }
  EXPECT_FALSE(contains(std::string_view("................").substr(0, 0), "a"));
}

}  // namespace
}  // namespace matricula::readmodel
