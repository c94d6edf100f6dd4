#include "execution/list_columns.h"

#include <gtest/gtest.h>

namespace matricula::execution {
namespace {

std::shared_ptr<const ListColumns> columns(std::int64_t sequence, std::size_t bytes,
                                           std::int64_t used_at = 0) {
  auto made = std::make_shared<ListColumns>();
  made->version = {.sequence = sequence, .epoch = "e"};
  made->used_at = used_at;
  auto column = std::make_shared<JsonColumn>(JsonColumn{.key = "0"});
  column->text.assign(bytes, 'x');
  made->columns.push_back(std::move(column));
  return made;
}

TEST(ColumnCache, GivesTheNewestStateOfAList) {
  ColumnCache cache(1'000'000);
  EXPECT_EQ(cache.find("a"), nullptr);
  cache.put("a", columns(2, 10));
  ASSERT_NE(cache.find("a"), nullptr);
  EXPECT_EQ(cache.find("a")->version.sequence, 2);
  cache.put("a", columns(1, 10));
  EXPECT_EQ(cache.find("a")->version.sequence, 2) << "of an earlier state";
  cache.put("a", columns(3, 10));
  EXPECT_EQ(cache.find("a")->version.sequence, 3);
  EXPECT_EQ(cache.find("b"), nullptr);
}

TEST(ColumnCache, ARestoredStoreHasStatesOfItsOwn) {
  ColumnCache cache(1'000'000);
  cache.put("a", columns(9, 10));
  auto restored = std::make_shared<ListColumns>();
  restored->version = {.sequence = 4, .epoch = "f"};
  cache.put("a", restored);
  EXPECT_EQ(cache.find("a"), restored);
}

TEST(ColumnCache, ListsUsedLongestAgoLeaveBeyondTheBound) {
  const std::uint64_t size = columns(1, 10'000)->bytes();
  ColumnCache cache(3 * size);
  cache.put("a", columns(1, 10'000, 5));
  cache.put("b", columns(1, 10'000, 4));
  cache.put("c", columns(1, 10'000, 6));
  EXPECT_EQ(cache.bytes(), 3 * size) << "at the bound all are there";
  cache.put("d", columns(1, 10'000, 7));
  EXPECT_EQ(cache.find("b"), nullptr);
  EXPECT_NE(cache.find("a"), nullptr);
  EXPECT_NE(cache.find("d"), nullptr);
  EXPECT_EQ(cache.bytes(), 3 * size);
}

TEST(ListColumns, AValueIsBetweenTwoEnds) {
  const JsonColumn column{.key = "1", .text = R"("a"null"b")", .ends = {3, 7, 10}};
  EXPECT_EQ(column.value(0), R"("a")");
  EXPECT_EQ(column.value(1), "null");
  EXPECT_EQ(column.value(2), R"("b")");
}

}  // namespace
}  // namespace matricula::execution
