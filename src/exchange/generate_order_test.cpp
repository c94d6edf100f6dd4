#include "exchange/generate_order.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>

#include "exchange/generate_people.h"

namespace matricula::exchange {
namespace {

TEST(GenerateOrder, EmitsEveryItemOnceInOrderWhateverItHoldsAtOnce) {
  std::vector<int> expected(1'000);
  for (int i = 0; i < 1'000; ++i) {
    expected[static_cast<std::size_t>(i)] = i;
  }
  for (const std::size_t items_max : {1u, 7u, 499u, 500u, 501u, 2'000u}) {
    std::vector<int> emitted;
    std::size_t passes = 0;
    emit_in_order<int>(
        items_max,
        [&](const auto& take) {
          ++passes;
          for (int i = 0; i < 1'000; ++i) {
            take(i * 387 % 1'000);
          }
        },
        [&](int item) { emitted.push_back(item); });
    EXPECT_EQ(emitted, expected) << items_max;
    EXPECT_LE(passes, 1'000 / items_max + 1) << items_max;
  }
}

TEST(GenerateOrder, NothingIsEmittedWhereThereIsNothing) {
  emit_in_order<int>(
      1, [](const auto&) {}, [](int) { FAIL(); });
}

TEST(GenerateOrder, NumbersFollowTheOrderOfTheirTexts) {
  for (const std::uint64_t count : {1u, 5u, 9u, 10u, 19u, 20u, 99u, 100u, 123u, 1'000u}) {
    std::vector<std::string> expected;
    std::vector<std::string> found;
    std::uint64_t number = 1;
    for (std::uint64_t i = 1; i <= count; ++i) {
      expected.push_back(fmt::to_string(i));
      found.push_back(fmt::to_string(number));
      number = next_in_text_order(number, count);
    }
    std::ranges::sort(expected);
    EXPECT_EQ(found, expected) << count;
    EXPECT_EQ(number, 1u) << count;
  }
}

TEST(GenerateOrder, KeysOfPeopleAreOrderedAsTheirIds) {
  std::vector<std::pair<PersonKey, std::string>> people;
  for (std::uint64_t number = 0; number < 1'000; ++number) {
    people.emplace_back(person_key(1, number), person_id(1, number));
  }
  std::ranges::sort(people);
  EXPECT_TRUE(std::ranges::is_sorted(people, {}, [](const auto& person) { return person.second; }));
}

}  // namespace
}  // namespace matricula::exchange
