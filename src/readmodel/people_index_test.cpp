#include "readmodel/people_index.h"

#include <gtest/gtest.h>

#include "readmodel/testing.h"

namespace matricula::readmodel {
namespace {

// Every block with someone who matches is among those that are named.
TEST(PeopleIndex, LeavesOutNobodyWhoMatches) {
  PlainListMaker maker(11);
  People people(1);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 700; ++i) {
    texts.push_back(maker.person(i).search());
    people.add(Person(), {texts.back()});
  }
  const PeopleIndex index(people, 0);
  std::vector<std::uint32_t> blocks;
  std::size_t left_out = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string& text = texts[i];
    const std::size_t begin = maker.pick(text.size());
    std::string needle = text.substr(begin, 1 + maker.pick(6));
    needle = needle.substr(0, needle.find('\n'));
    if (needle.empty()) {
      continue;
    }
    index.find(needle, 0, blocks);
    EXPECT_TRUE(std::ranges::is_sorted(blocks));
    left_out += index.blocks() - blocks.size();
    for (std::size_t person = 0; person < texts.size(); ++person) {
      if (texts[person].find(needle) != std::string::npos) {
        ASSERT_TRUE(std::ranges::binary_search(blocks, person / PeopleIndex::kBlock)) << needle;
      }
    }
  }
  EXPECT_GT(left_out, 0U);
}

// One person of each segment is called otherwise.
TEST(PeopleIndex, EachSegmentNamesItsOwnBlocks) {
  constexpr std::uint32_t kOfSegment = PeopleIndex::kSegment * PeopleIndex::kBlock;
  People people(1);
  for (std::uint32_t i = 0; i < 2 * kOfSegment + 1; ++i) {
    people.add(Person(), {i % kOfSegment == 0 ? "zoe@example.com" : "ada@example.com"});
  }
  const PeopleIndex index(people, 0);
  ASSERT_EQ(index.segments(), 3U);
  std::vector<std::uint32_t> blocks;
  for (std::uint32_t segment = 0; segment < 3; ++segment) {
    index.find("zoe", segment, blocks);
    EXPECT_EQ(blocks, std::vector<std::uint32_t>{segment * PeopleIndex::kSegment});
  }
  index.find("ada", 1, blocks);
  ASSERT_EQ(blocks.size(), PeopleIndex::kSegment);
  EXPECT_EQ(blocks.front(), PeopleIndex::kSegment);
  EXPECT_EQ(blocks.back(), 2 * PeopleIndex::kSegment - 1);
  index.find("ada", 2, blocks);
  EXPECT_TRUE(blocks.empty());
}

TEST(PeopleIndex, AnAbsentGramNamesNoBlock) {
  People people(1);
  people.add(Person(), {"ada@example.com"});
  const PeopleIndex index(people, 0);
  std::vector<std::uint32_t> blocks;
  for (const char* absent : {"adx", "ax", "z"}) {
    index.find(absent, 0, blocks);
    EXPECT_TRUE(blocks.empty()) << absent;
  }
  for (const char* present : {"ada", "da", "a"}) {
    index.find(present, 0, blocks);
    EXPECT_EQ(blocks, std::vector<std::uint32_t>{0}) << present;
  }
}

}  // namespace
}  // namespace matricula::readmodel
