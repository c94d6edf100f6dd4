#include "storage/people_block.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "storage/limits.h"

namespace matricula::storage {
namespace {

std::string escaped(std::string_view part) {
  std::string out;
  append_search_part(part, out);
  return out;
}

Bytes bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::vector<std::size_t> places(const std::string& packed, std::string_view needle) {
  std::vector<std::size_t> found;
  PeopleBlock::read(bytes_of(packed)).value().find(needle, found);
  return found;
}

TEST(PeopleBlock, EscapedTextsContainEachOtherWhenTheTextsDo) {
  const std::vector<std::string> texts = {
      "\n",       "\x04",     "\x05", "\x06",       "a\nb", "\n\x05", "\x05\x05",
      "\x04\x05", "\x06\x05", "5",    "\x05\x06\n", "\n\n", "plain",  "\x04\x06\x05"};
  for (const std::string& text : texts) {
    EXPECT_EQ(read_search_part(escaped(text)), text);
    EXPECT_EQ(escaped(text).find('\n'), std::string::npos);
    for (const std::string& part : texts) {
      EXPECT_EQ(escaped(text).find(escaped(part)) != std::string::npos,
                text.find(part) != std::string::npos);
    }
  }
}

TEST(PeopleBlock, FindsEachPersonOnceAndNobodyAcrossTwoParts) {
  const std::vector<FiledPerson> people = {
      {.id = std::string(16, 'a'), .search = "ana@x\nana\nlee\nana lee"},
      {.id = std::string(16, 'b'), .search = "bo@x\nbo\nana\nbo ana"},
      {.id = std::string(16, 'c'), .search = "cy@x\n\n\n "}};
  const std::string packed = write_people_block(people);
  EXPECT_EQ(places(packed, "ana"), (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(places(packed, "a lee"), (std::vector<std::size_t>{0}));
  EXPECT_EQ(places(packed, "leeb"), std::vector<std::size_t>{});
  EXPECT_EQ(places(packed, "@x"), (std::vector<std::size_t>{0, 1, 2}));
  const PeopleBlock block = PeopleBlock::read(bytes_of(packed)).value();
  EXPECT_EQ(block.id(1), std::string(16, 'b'));
  EXPECT_EQ(block.search(2), "cy@x\n\n\n ");
  EXPECT_EQ(people[0].email_key(), "ana@x");
}

TEST(PeopleBlock, WhatIsNoBlockIsNotRead) {
  const std::string packed = write_people_block(
      std::vector<FiledPerson>{{.id = std::string(16, 'a'), .search = "a@x\na\nb\na b"}});
  for (std::size_t size = 0; size < packed.size(); ++size) {
    EXPECT_FALSE(PeopleBlock::read(bytes_of(packed.substr(0, size))).has_value()) << size;
  }
  EXPECT_EQ(PeopleBlock::read(bytes_of(write_people_block({})))->size(), 0U);
}

TEST(PeopleBlock, ATextHasTheGramsOfWhatItContains) {
  std::vector<Gram> grams;
  append_grams("ab@x\nänne\nbo\nänne bo", grams);
  std::ranges::sort(grams);
  const auto has_all = [&](std::string_view needle) {
    return std::ranges::includes(grams, needle_grams(needle)) ||
           std::ranges::all_of(needle_grams(needle),
                               [&](Gram gram) { return std::ranges::binary_search(grams, gram); });
  };
  for (const std::string_view needle : {"a", "ab", "b@x", "ä", "ne b", "änne bo"}) {
    EXPECT_TRUE(has_all(needle)) << needle;
  }
  for (const std::string_view needle : {"z", "xä", "bo\nä", "ba", "abc", "nen"}) {
    EXPECT_FALSE(has_all(needle)) << needle;
  }
  EXPECT_EQ(needle_grams(std::string(10'000, 'a')).size(), 1U);
  std::string all;
  for (int i = 0; i < 100; ++i) {
    all += static_cast<char>(i + 20);
  }
  EXPECT_EQ(needle_grams(all).size(), kNeedleGramsMax);
  EXPECT_EQ(needle_grams(all.substr(0, kNeedleGramsMax + 1)).size(), kNeedleGramsMax - 1);
}

TEST(PeopleBlock, SetsOfBlocksComeBack) {
  const std::vector<std::vector<std::uint32_t>> sets = {
      {}, {0}, {1, 2, 3}, {0, 127, 128, 255, 16'384, 4'000'000'000U}};
  for (const auto& set : sets) {
    EXPECT_EQ(read_block_set(bytes_of(write_block_set(set))), set);
  }
}

}  // namespace
}  // namespace matricula::storage
