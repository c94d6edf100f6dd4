#include "planning/cursor.h"

#include <gtest/gtest.h>

namespace matricula::planning {
namespace {

sql::Relation rows() {
  return {.name = "rows",
          .table = "rows t",
          .tenant = "t.company_id = ?1",
          .fixed = {},
          .joins = {},
          .columns = {},
          .orders = {{.name = "TITLE", .key = "t.title"},
                     {.name = "SHARE", .key = "t.share", .type = sql::ColumnType::kReal}},
          .ties = {{.expression = "t.id", .type = sql::ColumnType::kUuid}},
          .filters = {}};
}

std::string cursor_of(std::uint16_t order, const storage::Position& position) {
  std::string scratch;
  std::string out;
  append_cursor(rows(), order, position, scratch, out);
  return out;
}

const std::string kId(16, '\x7f');

TEST(Cursor, ReadsBackThePositionItWasMadeFrom) {
  const storage::Position title{std::string("Zoë"), kId};
  const storage::Position share{0.1, kId};
  EXPECT_EQ(read_cursor(rows(), 0, cursor_of(0, title)), title);
  EXPECT_EQ(read_cursor(rows(), 1, cursor_of(1, share)), share);
}

TEST(Cursor, MeansNothingUnderAnotherOrderOrList) {
  const std::string cursor = cursor_of(0, {std::string("a"), kId});
  sql::Relation other = rows();
  other.name = "others";
  EXPECT_EQ(read_cursor(rows(), 1, cursor), std::nullopt);
  EXPECT_EQ(read_cursor(other, 0, cursor), std::nullopt);
}

TEST(Cursor, RefusesEveryChangedLength) {
  const std::string cursor = cursor_of(0, {std::string("a"), kId});
  for (std::size_t size = 0; size < cursor.size(); ++size) {
    EXPECT_EQ(read_cursor(rows(), 0, std::string_view(cursor).substr(0, size)), std::nullopt);
  }
  EXPECT_EQ(read_cursor(rows(), 0, cursor + "A"), std::nullopt);
  EXPECT_EQ(read_cursor(rows(), 0, "eyJpZCI6IjUwIn0="), std::nullopt);
}

}  // namespace
}  // namespace matricula::planning
