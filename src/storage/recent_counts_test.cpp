#include "storage/recent_counts.h"

#include <array>
#include <gtest/gtest.h>

#include "storage/limits.h"
#include "storage/testing.h"

namespace matricula::storage {
namespace {

constexpr std::array<Migration, 1> kMigrations = {{{
    .number = 1,
    .name = "counts",
    .sqlite = "CREATE TABLE counts (company_id TEXT NOT NULL, town TEXT NOT NULL, "
              "year TEXT NOT NULL, row_count INTEGER NOT NULL, "
              "PRIMARY KEY (company_id, town, year)) STRICT;",
    .postgres = "",
}}};

class RecentCountsTest : public testing::Test {
 protected:
  RecentCountsTest() {
    relation_.tenant = "t.company_id = ?1";
    relation_.filters = {{.name = "towns", .expression = "t.town"},
                         {.name = "years", .expression = "t.year"}};
    relation_.histograms = {{.table = "counts t", .filters = {"towns", "years"}}};
  }

  void add(std::string_view company, std::string_view town, std::string_view year, int rows) {
    const auto done = store_.database().write(
        [&](Session& session) { return insert(session, company, town, year, rows); });
    ASSERT_TRUE(done.has_value());
  }
  static Result<void> insert(Session& session, std::string_view company, std::string_view town,
                             std::string_view year, int rows) {
    static const Statement kInsert("INSERT INTO counts VALUES(?1, ?2, ?3, ?4)");
    const Bind binds[] = {company, town, year, std::int64_t{rows}};
    MATRICULA_CHECK(session.execute(kInsert, binds));
    return {};
  }
  void read(std::string_view company = "1") {
    ASSERT_TRUE(counts_.read(scope(company), relation_.histograms[0]).has_value());
  }
  // -1 where it is not known.
  std::int64_t find(std::span<const Condition> conditions, std::string_view company = "1") {
    return counts_.find(scope(company), relation_.histograms[0], conditions).value_or(-1);
  }
  ListScope scope(std::string_view company) const {
    return {.relation = &relation_, .company = company};
  }
  static Condition any_of(std::uint16_t filter, std::vector<KeyValue> values) {
    return {.filter = filter, .any_of = std::move(values)};
  }

  ManualClock clock_;
  TempStore store_{kMigrations};
  sql::Relation relation_;
  std::unique_ptr<Session> session_ = store_.database().open_reader().value();
  RecentCounts counts_{*session_, clock_};
};

TEST_F(RecentCountsTest, CountsAreThoseOfTheRowsThatMatchAllConditions) {
  add("1", "Bern", "2020", 3);
  add("1", "Bern", "2021", 4);
  add("1", "Chur", "2021", 5);
  add("2", "Bern", "2020", 100);
  EXPECT_EQ(find({}), -1);
  read();
  EXPECT_EQ(find({}), 12);
  const Condition bern = any_of(0, {std::string("Bern")});
  const Condition late = any_of(1, {std::string("2021"), std::string("2022")});
  EXPECT_EQ(find(std::span(&bern, 1)), 7);
  EXPECT_EQ(find(std::span(&late, 1)), 9);
  EXPECT_EQ(find(std::array{bern, late}), 4);
  const Condition nowhere = any_of(0, {std::string("Biel")});
  EXPECT_EQ(find(std::span(&nowhere, 1)), 0);
  EXPECT_EQ(find({}, "2"), -1);
}

TEST_F(RecentCountsTest, TheyAreReadAgainAfterSomeSeconds) {
  add("1", "Bern", "2020", 3);
  read();
  add("1", "Chur", "2020", 5);
  clock_.advance(std::chrono::seconds(4));
  read();
  EXPECT_EQ(find({}), 3);
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(find({}), -1);
  read();
  EXPECT_EQ(find({}), 8);
}

TEST_F(RecentCountsTest, AHistogramOfManyRowsIsNotKept) {
  const auto filled = store_.database().write([&](Session& session) -> Result<void> {
    for (std::size_t i = 0; i < kHistogramRowsMax; ++i) {
      MATRICULA_CHECK(insert(session, "1", std::to_string(i), "2020", 1));
    }
    return {};
  });
  ASSERT_TRUE(filled.has_value());
  read();
  EXPECT_EQ(find({}), static_cast<std::int64_t>(kHistogramRowsMax));
  add("1", "one more", "2020", 1);
  clock_.advance(std::chrono::seconds(5));
  read();
  EXPECT_EQ(find({}), -1);
}

}  // namespace
}  // namespace matricula::storage
