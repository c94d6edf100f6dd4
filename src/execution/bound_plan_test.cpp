#include "execution/bound_plan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "execution/test_plans.h"
#include "planning/cursor.h"

namespace matricula::execution {
namespace {

using storage::KeyValue;

// The page of the plan's only connection.
BoundPage page_of(std::string_view document, std::string_view variables = "{}",
                  const ExecutionLimits& limits = {}) {
  const BoundPlan plan = bound_school(document, variables, limits);
  EXPECT_NE(plan.only_connection(), nullptr) << document;
  return plan.only_connection()->page;
}

BoundPage page_of_input(std::string_view input) {
  return page_of(fmt::format("{{ pupils(input: {{{}}}) {{ totalCount }} }}", input));
}

// The message of the root field that binding ended with; empty where it did not.
std::string error_of(const BoundPlan& plan) {
  const auto* bound =
      plan.roots().empty() ? nullptr : std::get_if<BoundError>(&plan.roots().back().work);
  EXPECT_TRUE(bound == nullptr || bound->error.code == ErrorCode::kBadUserInput);
  return bound == nullptr ? "" : bound->error.message;
}

std::string error_of_input(std::string_view input, const ExecutionLimits& limits = {}) {
  return error_of(bound_school(fmt::format("{{ pupils(input: {{{}}}) {{ totalCount }} }}", input),
                               "{}", limits));
}

TEST(BoundPlan, APageHasTheSizeThatIsAskedForOrTheDefault) {
  EXPECT_EQ(page_of("{ pupils { totalCount } }").rows, 50U);
  EXPECT_EQ(page_of("{ pupils { totalCount } }", "{}", {.page_rows_default = 7}).rows, 7U);
  const BoundPage first = page_of_input("first: 1000");
  EXPECT_EQ(first.rows, 1'000U);
  EXPECT_EQ(first.direction, sql::Direction::kForwards);
  const BoundPage last = page_of_input("last: 3");
  EXPECT_EQ(last.rows, 3U);
  EXPECT_EQ(last.direction, sql::Direction::kBackwards);
  EXPECT_EQ(
      page_of("query ($n: Int) { pupils(input: {first: $n}) { totalCount } }", R"({"n":9})").rows,
      9U);
}

TEST(BoundPlan, ASizeOutOfItsBoundsNamesThem) {
  EXPECT_EQ(error_of_input("first: 1"), "");
  EXPECT_EQ(error_of_input("first: 0"), "\"first\" must be from 1 to 1000; 0 was given.");
  EXPECT_EQ(error_of_input("last: -1"), "\"last\" must be from 1 to 1000; -1 was given.");
  EXPECT_EQ(error_of_input("first: 1001"), "\"first\" must be from 1 to 1000; 1001 was given.");
  EXPECT_EQ(error_of_input("last: 6", {.page_rows_max = 5}),
            "\"last\" must be from 1 to 5; 6 was given.");
  EXPECT_EQ(error_of_input("first: 1, last: 1"),
            "\"first\" and \"last\" cannot be given together; ask for one end of the list.");
}

TEST(BoundPlan, AnOrderIsThatOfTheInputOrOfTheSchema) {
  const BoundPage plain = page_of("{ pupils { totalCount } }");
  EXPECT_EQ(plain.order, 0U);
  EXPECT_FALSE(plain.descending);
  const BoundPage other = page_of_input("orderBy: BORN, order: DESC");
  EXPECT_EQ(other.order, 1U);
  EXPECT_TRUE(other.descending);
}

TEST(BoundPlan, ACursorIsAPositionInItsOrderAlone) {
  const sql::Relation& relation =
      std::get<planning::ConnectionRoot>(school_mapping().roots.front()).relation;
  const storage::Position position{std::string("Ada"), std::string(16, 'x')};
  std::string scratch;
  std::string cursor;
  planning::append_cursor(relation, 0, position, scratch, cursor);
  EXPECT_EQ(page_of_input(fmt::format("after: \"{}\"", cursor)).after, position);
  EXPECT_EQ(page_of_input(fmt::format("before: \"{}\"", cursor)).before, position);
  EXPECT_EQ(error_of_input(fmt::format("orderBy: BORN, after: \"{}\"", cursor)), "invalid cursor");
  EXPECT_EQ(error_of_input("before: \"x\""), "invalid cursor");
}

TEST(BoundPlan, AListIsSortedLowerCaseAndHasEachValueOnce) {
  const BoundPage page = page_of_input(R"(filter: {names: ["b", "A", "B", "a"]})");
  ASSERT_EQ(page.conditions.size(), 1U);
  EXPECT_EQ(page.conditions.front().any_of,
            (std::vector<KeyValue>{std::string("a"), std::string("b")}));
  EXPECT_FALSE(page.nothing_matches);
}

TEST(BoundPlan, WhatNoRowCanHoldMatchesNothing) {
  EXPECT_TRUE(page_of_input("filter: {names: []}").nothing_matches);
  EXPECT_TRUE(page_of_input(R"(filter: {names: ["\u0000"]})").nothing_matches);
  EXPECT_FALSE(page_of_input(R"(filter: {names: ["\u0000", "a"]})").nothing_matches);
  EXPECT_TRUE(page_of_input(R"(query: "a\u0000")").nothing_matches);
}

TEST(BoundPlan, AFilterThatSaysNothingIsNone) {
  EXPECT_TRUE(page_of_input("filter: {}").conditions.empty());
  EXPECT_TRUE(page_of_input("filter: null, query: null").conditions.empty());
  EXPECT_TRUE(page_of_input("filter: {born: {}}").conditions.empty());
  EXPECT_TRUE(page_of_input("query: \"\"").conditions.empty());
}

TEST(BoundPlan, ARangeMayHaveOneEnd) {
  const BoundPage page = page_of_input(R"(filter: {born: {to: "1970-01-01T00:00:01Z"}})");
  ASSERT_EQ(page.conditions.size(), 1U);
  EXPECT_EQ(page.conditions.front().filter, 1U);
  EXPECT_EQ(page.conditions.front().from, std::nullopt);
  EXPECT_EQ(page.conditions.front().to, KeyValue(std::int64_t{1'000'000}));
}

TEST(BoundPlan, ValuesOfFiltersAreCountedOverAllConnections) {
  constexpr std::string_view kDocument =
      R"({ a: pupils(input: {filter: {names: ["x", "y"]}}) { totalCount }
           b: pupils(input: {filter: {names: ["z"]}}) { totalCount } })";
  EXPECT_EQ(error_of(bound_school(kDocument, "{}", {.filter_values_max = 3})), "");
  EXPECT_EQ(error_of(bound_school(kDocument, "{}", {.filter_values_max = 2})),
            "With \"filter.names\" the filter lists of the request hold 3 values; the limit "
            "\"filter-values\" of this server is 2. Ask for fewer at a time.");
}

TEST(BoundPlan, GuardsAndFixedColumnsHaveTheirArguments) {
  const BoundPlan lessons = bound_school(R"({ lessons(input: {roomId: "r1"}) { totalCount } })");
  ASSERT_NE(lessons.only_connection(), nullptr);
  EXPECT_EQ(lessons.only_connection()->guarded, "r1");
  EXPECT_EQ(lessons.only_connection()->page.fixed, (std::vector<KeyValue>{std::string("r1")}));
  const auto narrowing = [](std::string_view document) {
    return std::get<BoundObject>(bound_school(document).roots().front().work).narrowing;
  };
  EXPECT_EQ(narrowing("{ school { id } }"), std::nullopt);
  EXPECT_EQ(narrowing("{ school(id: null) { id } }"), std::nullopt);
  EXPECT_EQ(narrowing(R"({ school(id: "7") { id } })"), "7");
}

TEST(BoundPlan, FieldsThatAreSkippedAreNotBound) {
  constexpr std::string_view kDocument =
      R"(query ($with: Boolean!) { __typename
           pupils(input: {first: 0}) @include(if: $with) { totalCount } })";
  EXPECT_EQ(bound_school(kDocument, R"({"with":false})").roots().size(), 1U);
  EXPECT_NE(error_of(bound_school(kDocument, R"({"with":true})")), "");
}

TEST(BoundPlan, AnErrorOfAnArgumentNamesItsTypeAndIsAtItsValue) {
  const BoundPlan plan = bound_school(
      "query ($r: ID = \"r1\") { lessons(input: {roomId: $r}) { totalCount } }", R"({"r":null})");
  EXPECT_EQ(error_of(plan),
            "Argument \"Query.lessons(input:)\" has invalid value at .roomId: Expected variable "
            "\"$r\" provided to non-null type \"ID!\" not to be null.");
  EXPECT_EQ(std::get<BoundError>(plan.roots().back().work).locations,
            (std::vector<graphql::Location>{{.line = 1, .column = 49}}));
  const BoundPlan second = bound_school(
      "query ($r: ID = \"r1\", $s: Boolean!) { ... @skip(if: $s) { lessons(input: {roomId: $r}) { "
      "totalCount } } lessons(input: {roomId: $r}) { totalCount } }",
      R"({"r":null,"s":true})");
  EXPECT_EQ(std::get<BoundError>(second.roots().back().work).locations,
            (std::vector<graphql::Location>{{.line = 1, .column = 129}}));
}

TEST(BoundPlan, MutationsInFrontOfOneThatIsRefusedAreThere) {
  const BoundPlan plan =
      bound_school(R"(mutation ($n: String = "x") { leave a: enrol(name: "Ada") b: enrol(name: $n)
                        c: leave })",
                   R"({"n":null})");
  ASSERT_EQ(plan.roots().size(), 3U);
  const auto& enrol = std::get<BoundCommand>(plan.roots()[1].work);
  EXPECT_EQ(std::get<std::string>(argument(enrol.arguments, "name")->value), "Ada");
  EXPECT_EQ(argument(enrol.arguments, "other"), nullptr);
  EXPECT_EQ(plan.roots()[2].entry->key, "b");
  EXPECT_NE(error_of(plan), "");
  EXPECT_TRUE(plan.is_mutation());
}

}  // namespace
}  // namespace matricula::execution
