#include "pipeline/weight.h"

#include <gtest/gtest.h>

#include "execution/test_plans.h"

namespace matricula::pipeline {
namespace {

bool heavy(std::string_view document, Lists lists = Lists::kInTables,
           std::string_view variables = "{}") {
  return is_heavy(execution::bound_school(document, variables), lists);
}

TEST(Weight, APageIsWeighedByItsRowsAndValues) {
  // Eight values in a row, the node among them.
  constexpr std::string_view kPage =
      "query ($n: Int) { pupils(input: {first: $n}) { edges { node { a: id b: id c: id d: id e: id"
      " f: id g: id } } } }";
  EXPECT_FALSE(heavy(kPage, Lists::kInTables, R"({"n":312})"));
  EXPECT_TRUE(heavy(kPage, Lists::kInTables, R"({"n":313})"));
  constexpr std::string_view kWider =
      "query ($n: Int) { pupils(input: {first: $n}) { edges { node { a: id b: id c: id d: id e: id"
      " f: id g: id h: id } } } }";
  EXPECT_FALSE(heavy(kWider, Lists::kInTables, R"({"n":277})"));
  EXPECT_TRUE(heavy(kWider, Lists::kInTables, R"({"n":278})"));
  EXPECT_TRUE(heavy(kWider, Lists::kInMemory, R"({"n":278})"));
  EXPECT_FALSE(heavy(kWider));
}

TEST(Weight, APageIsSmallUpToItsBoundAndInOneIndexRange) {
  const auto small = [](std::string_view document) {
    return is_small(execution::bound_school(document, "{}"));
  };
  // Two values in a row, the node among them.
  EXPECT_TRUE(small("{ pupils(input: {first: 256}) { edges { node { id } } } }"));
  EXPECT_FALSE(small("{ pupils(input: {first: 257}) { edges { node { id } } } }"));
  EXPECT_FALSE(small(R"({ pupils(input: {first: 1, query: "a"}) { edges { node { id } } } })"));
  EXPECT_TRUE(small("{ __typename }"));
}

TEST(Weight, JsonTextCountsForMany) {
  // Each member of it as well.
  EXPECT_FALSE(heavy("{ pupils(input: {first: 60}) { edges { node { guardians { name } } } } }"));
  EXPECT_TRUE(heavy("{ pupils(input: {first: 61}) { edges { node { guardians { name } } } } }"));
}

TEST(Weight, CountsFiltersAndSearchesAreHeavyInTables) {
  for (const std::string_view input :
       {R"(filter: {names: ["a"]})", R"(filter: {born: {from: "2020-01-01T00:00:00Z"}})",
        R"(query: "a")"}) {
    const std::string document =
        "{ pupils(input: {" + std::string(input) + "}) { edges { cursor } } }";
    EXPECT_TRUE(heavy(document)) << input;
    EXPECT_FALSE(heavy(document, Lists::kInMemory)) << input;
  }
  EXPECT_TRUE(heavy("{ pupils { totalCount } }"));
  EXPECT_FALSE(heavy("{ pupils { totalCount } }", Lists::kInMemory));
  EXPECT_TRUE(heavy(R"({ pupils(input: {query: "a"}) { totalCount } })", Lists::kInMemory));
}

TEST(Weight, ACountThatWritesKeepIsLight) {
  EXPECT_FALSE(heavy(R"({ lessons(input: {roomId: "1"}) { totalCount } })"));
  EXPECT_FALSE(heavy(R"({ lessons(input: {roomId: "1"}) { totalCount edges { cursor } } })"));
}

TEST(Weight, WhatWasBoundDecidesAndNotWhatIsWritten) {
  // A filter that says nothing, and one that nothing can match.
  EXPECT_FALSE(heavy(R"({ pupils(input: {filter: {}, query: ""}) { edges { cursor } } })"));
  EXPECT_FALSE(heavy("{ pupils(input: {filter: {names: []}}) { totalCount } }"));
  // The same document, by its variables.
  constexpr std::string_view kDocument =
      "query ($f: PupilFilter, $with: Boolean!) { pupils(input: {filter: $f}) { edges { cursor }"
      " totalCount @include(if: $with) } }";
  EXPECT_FALSE(heavy(kDocument, Lists::kInTables, R"({"f":null,"with":false})"));
  EXPECT_TRUE(heavy(kDocument, Lists::kInTables, R"({"f":null,"with":true})"));
  EXPECT_TRUE(heavy(kDocument, Lists::kInTables, R"({"f":{"names":["a"]},"with":false})"));
  // What is refused costs nothing.
  EXPECT_FALSE(heavy("{ pupils(input: {first: 0}) { totalCount } }"));
}

TEST(Weight, AllButOnePageIsHeavy) {
  EXPECT_FALSE(heavy("{ __typename }"));
  EXPECT_TRUE(heavy("{ __typename pupils(input: {first: 1}) { edges { cursor } } }"));
  EXPECT_TRUE(heavy("{ __schema { queryType { name } } }"));
  EXPECT_TRUE(heavy("{ school { id } }"));
  EXPECT_TRUE(heavy("mutation { leave }"));
}

}  // namespace
}  // namespace matricula::pipeline
