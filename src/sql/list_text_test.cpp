#include "sql/list_text.h"

#include <array>
#include <gtest/gtest.h>

namespace matricula::sql {
namespace {

Relation people() {
  return {.name = "people",
          .table = "people t",
          .tenant = "t.company_id = ?1",
          .fixed = {},
          .joins = {"JOIN towns w ON w.id = t.town"},
          .columns = {{.expression = "t.id"}, {.expression = "w.name", .join = 0}},
          .orders = {{.name = "AGE", .key = "t.age", .type = ColumnType::kInteger},
                     {.name = "ID", .key = "t.id", .unique = true}},
          .ties = {{.expression = "t.id"}},
          .filters = {
              {.expression = "t.town", .indexed = true},
              {.expression = "t.age", .type = ColumnType::kInteger, .kind = FilterKind::kHalfOpen},
              {.expression = "t.age", .type = ColumnType::kInteger, .index = "people_by_age"}}};
}

constexpr std::array<std::uint16_t, 1> kId{0};
constexpr std::array<std::uint16_t, 1> kTownName{1};

TEST(ListText, PageReadsTheOrderByKeyAndNeedsNoOffset) {
  const Relation relation = people();
  EXPECT_EQ(page_text({.relation = &relation, .columns = kId, .conditions = {}, .after = true},
                      Dialect::kSqlite),
            "SELECT t.id, t.age, t.id FROM people t WHERE t.company_id = ?1"
            " AND (t.age, t.id) > (?2, ?3) ORDER BY t.age, t.id LIMIT ?4");
}

TEST(ListText, DescendingBackwardsTurnsTheOrderRoundTwice) {
  const Relation relation = people();
  EXPECT_EQ(page_text({.relation = &relation,
                       .columns = kTownName,
                       .conditions = {},
                       .order = 1,
                       .descending = true,
                       .direction = Direction::kBackwards,
                       .before = true},
                      Dialect::kSqlite),
            "SELECT w.name, t.id FROM people t JOIN towns w ON w.id = t.town"
            " WHERE t.company_id = ?1 AND (t.id) > (?2) ORDER BY t.id LIMIT ?3");
}

TEST(ListText, FiltersStayOutOfTheIndexChoiceUnlessTheyLeadOrAreTheOrder) {
  const Relation relation = people();
  const std::array<ConditionShape, 2> conditions{
      ConditionShape{.filter = 0}, ConditionShape{.filter = 1, .from = true, .to = true}};
  EXPECT_EQ(page_text({.relation = &relation, .columns = kId, .conditions = conditions},
                      Dialect::kSqlite),
            "SELECT t.id, t.age, t.id FROM people t WHERE t.company_id = ?1"
            " AND +t.town IN (SELECT value FROM value_list(?2)) AND (t.age >= ?3 AND t.age < ?4)"
            " ORDER BY t.age, t.id LIMIT ?5");
  EXPECT_EQ(
      page_text(
          {.relation = &relation, .columns = kId, .conditions = conditions, .lead = Lead::kFilter},
          Dialect::kSqlite),
      "SELECT t.id, t.age, t.id FROM people t WHERE t.company_id = ?1"
      " AND t.town IN (SELECT value FROM value_list(?2)) AND (+t.age >= ?3 AND +t.age < ?4)"
      " ORDER BY +t.age, t.id LIMIT ?5");
}

TEST(ListText, AListOverTheOrdersKeyLeadsInAsARange) {
  const Relation relation = people();
  const ConditionShape condition{.filter = 2, .to = true};
  EXPECT_EQ(page_text({.relation = &relation,
                       .columns = kId,
                       .conditions = std::span(&condition, 1),
                       .after = true},
                      Dialect::kSqlite),
            "SELECT t.id, t.age, t.id FROM people t WHERE t.company_id = ?1"
            " AND +t.age IN (SELECT value FROM value_list(?2)) AND (t.age <= ?3) AND (t.age, t.id) "
            "> (?4, ?5)"
            " ORDER BY t.age, t.id LIMIT ?6");
}

TEST(ListText, SqliteIsToldTheIndexOfTheFilterThatLeads) {
  const Relation relation = people();
  const ConditionShape condition{.filter = 2};
  const ListShape shape{.relation = &relation,
                        .columns = {},
                        .conditions = std::span(&condition, 1),
                        .lead = Lead::kFilter};
  EXPECT_EQ(count_text(shape, Dialect::kSqlite),
            "SELECT count(*) FROM people t INDEXED BY people_by_age WHERE t.company_id = ?1"
            " AND t.age IN (SELECT value FROM value_list(?2))");
  EXPECT_EQ(count_text(shape, Dialect::kPostgres),
            "SELECT count(*) FROM unnest(?2::bigint[]) v0(value) CROSS JOIN LATERAL (SELECT * FROM "
            "people t"
            " WHERE t.company_id = ?1 AND t.age = v0.value OFFSET 0) t WHERE t.company_id = ?1");
}

TEST(ListText, ARangeThatABoundImpliesIsLeftOut) {
  const Relation relation = people();
  const ConditionShape condition{.filter = 1};
  EXPECT_EQ(page_text({.relation = &relation,
                       .columns = kId,
                       .conditions = std::span(&condition, 1),
                       .before = true},
                      Dialect::kSqlite),
            "SELECT t.id, t.age, t.id FROM people t WHERE t.company_id = ?1"
            " AND (t.age, t.id) < (?2, ?3) ORDER BY t.age, t.id LIMIT ?4");
}

// The order's index has the town, and the tenant and the ties are the table's key.
Relation keyed_people() {
  Relation relation = people();
  relation.orders[0].covers = {"t.town"};
  relation.ties_are_key = true;
  relation.histograms = {{.table = "people_counts t", .filters = {"towns"}}};
  relation.filters[0].name = "towns";
  return relation;
}

TEST(ListText, RowsAreLookedUpOnlyForEntriesThatPassWhatTheIndexCovers) {
  const Relation relation = keyed_people();
  const ConditionShape condition{.filter = 0};
  const ListShape shape{.relation = &relation,
                        .columns = kTownName,
                        .conditions = std::span(&condition, 1),
                        .after = true,
                        .limit_bound = 64};
  EXPECT_EQ(page_text(shape, Dialect::kSqlite),
            "SELECT w.name, t.age, t.id FROM people k CROSS JOIN people t"
            " ON t.company_id = k.company_id AND t.id = k.id JOIN towns w ON w.id = t.town"
            " WHERE k.company_id = ?1 AND +k.town IN (SELECT value FROM value_list(?2))"
            " AND (k.age, k.id) > (?3, ?4) ORDER BY k.age, k.id LIMIT ?5");
  EXPECT_EQ(page_text(shape, Dialect::kPostgres),
            "SELECT w.name, t.age, t.id FROM (SELECT * FROM (SELECT t.age, t.id FROM people t"
            " WHERE t.company_id = ?1 AND (t.town = ANY(?2)) IS TRUE AND (t.age, t.id) > (?3, ?4)"
            " ORDER BY t.age, t.id LIMIT 64) k ORDER BY k.age, k.id LIMIT ?5) k"
            " JOIN people t ON t.company_id = ?1"
            " AND t.id = k.id JOIN towns w ON w.id = t.town ORDER BY k.age, k.id");
}

TEST(ListText, AFewValuesAreParametersOfTheirOwn) {
  const Relation relation = keyed_people();
  const ConditionShape condition{.filter = 0, .values = 2};
  const ListShape shape{
      .relation = &relation, .columns = kId, .conditions = std::span(&condition, 1), .after = true};
  EXPECT_EQ(page_text(shape, Dialect::kSqlite),
            "SELECT t.id, t.age, t.id FROM people k CROSS JOIN people t"
            " ON t.company_id = k.company_id AND t.id = k.id"
            " WHERE k.company_id = ?1 AND (+k.town = ?2 OR +k.town = ?3)"
            " AND (k.age, k.id) > (?4, ?5) ORDER BY k.age, k.id LIMIT ?6");
}

TEST(ListText, WhatAFilterFindsIsSortedBeforeItIsLookedUp) {
  const Relation relation = keyed_people();
  const ConditionShape condition{.filter = 0};
  const ListShape shape{.relation = &relation,
                        .columns = kTownName,
                        .conditions = std::span(&condition, 1),
                        .descending = true,
                        .lead = Lead::kFilter,
                        .limit_bound = 64};
  EXPECT_EQ(page_text(shape, Dialect::kSqlite),
            "SELECT w.name, t.age, t.id FROM (SELECT t.id FROM people t WHERE t.company_id = ?1"
            " AND t.town IN (SELECT value FROM value_list(?2)) ORDER BY +t.age DESC, t.id DESC"
            " LIMIT ?3) k CROSS JOIN people t ON t.company_id = ?1 AND t.id = k.id"
            " JOIN towns w ON w.id = t.town ORDER BY +t.age DESC, t.id DESC");
  EXPECT_EQ(page_text(shape, Dialect::kPostgres),
            "SELECT w.name, t.age, t.id FROM (SELECT * FROM (SELECT t.* FROM"
            " unnest(?2::text[]) v0(value) CROSS JOIN LATERAL (SELECT * FROM people t WHERE"
            " t.company_id = ?1 AND t.town = v0.value OFFSET 0) t"
            " WHERE t.company_id = ?1 ORDER BY (t.age + 0) DESC, t.id DESC"
            " LIMIT 64) t LIMIT ?3) t JOIN towns w ON w.id = t.town"
            " ORDER BY t.age DESC, t.id DESC");
}

TEST(ListText, CountsThatAreKeptAreAdded) {
  const Relation relation = keyed_people();
  const ConditionShape condition{.filter = 0};
  EXPECT_EQ(
      kept_text({.relation = &relation, .columns = {}, .conditions = std::span(&condition, 1)},
                relation.histograms[0], Dialect::kPostgres),
      "SELECT CAST(coalesce(sum(t.row_count), 0) AS BIGINT) FROM people_counts t"
      " WHERE t.company_id = ?1 AND t.town = ANY(?2)");
}

TEST(ListText, AHistogramIsReadWithTheValuesOfItsFilters) {
  const Relation relation = keyed_people();
  EXPECT_EQ(histogram_text(relation, relation.histograms[0], Dialect::kPostgres),
            "SELECT t.town, t.row_count FROM people_counts t WHERE t.company_id = ?1 LIMIT ?2");
}

TEST(ListText, APageSaysMoreOfItsListByItsOwnParameters) {
  const Relation relation = keyed_people();
  const ConditionShape condition{.filter = 0};
  EXPECT_EQ(page_text({.relation = &relation,
                       .columns = kId,
                       .conditions = std::span(&condition, 1),
                       .after = true,
                       .limit_bound = 64,
                       .with_beyond = true,
                       .with_count = &relation.histograms[0]},
                      Dialect::kPostgres),
            "SELECT t.id, t.age, t.id, (SELECT (SELECT 1 FROM people t WHERE"
            " t.company_id = ?1 AND (t.town = ANY(?2)) IS TRUE AND (t.age, t.id) <= (?3, ?4)"
            " ORDER BY t.age DESC, t.id DESC LIMIT 1) IS NOT NULL),"
            " (SELECT CAST(coalesce(sum(t.row_count), 0) AS BIGINT) FROM people_counts t"
            " WHERE t.company_id = ?1 AND t.town = ANY(?2))"
            " FROM (SELECT * FROM (SELECT t.age, t.id FROM people t"
            " WHERE t.company_id = ?1 AND (t.town = ANY(?2)) IS TRUE AND (t.age, t.id) > (?3, ?4)"
            " ORDER BY t.age, t.id LIMIT 64) k ORDER BY k.age, k.id LIMIT ?5) k"
            " JOIN people t ON t.company_id = ?1 AND t.id = k.id ORDER BY k.age, k.id");
}

TEST(ListText, CountAndExistsHaveNoLimit) {
  const Relation relation = people();
  EXPECT_EQ(count_text({.relation = &relation, .columns = {}, .conditions = {}}, Dialect::kSqlite),
            "SELECT count(*) FROM people t WHERE t.company_id = ?1");
  EXPECT_EQ(exists_text({.relation = &relation, .columns = kId, .conditions = {}, .after = true},
                        Dialect::kSqlite),
            "SELECT EXISTS (SELECT 1 FROM people t WHERE t.company_id = ?1"
            " AND (t.age, t.id) <= (?2, ?3))");
}

}  // namespace
}  // namespace matricula::sql
