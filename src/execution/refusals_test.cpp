#include "execution/refusals.h"

#include <gtest/gtest.h>

#include "execution/error_text.h"
#include "execution/test_plans.h"

namespace matricula::execution {
namespace {

std::string text_of(const BoundError& error) {
  return std::to_string(error.locations.front().column) + " " + error.path + " " +
         error.error.message;
}

// The refusals below the first root field, a line each; those that need an item with a `?`.
std::string refusals(std::string_view document, std::string_view variables = R"({"n":null})") {
  const BoundPlan plan = bound_school(document, variables);
  EXPECT_FALSE(plan.refusal());
  std::string text;
  for (const Refusal& refusal : plan.roots().front().refusals) {
    text += text_of(refusal.error).substr(0, text_of(refusal.error).find(']') + 1) +
            (refusal.needs_items ? "?" : "") + "\n";
  }
  return text;
}

TEST(Refusals, NullForSkipAmongTheRootFieldsIsTheErrorOfTheOperation) {
  const BoundPlan plan =
      bound_school("query ($n: Boolean = true) { __typename @skip(if: $n) }", R"({"n":null})");
  ASSERT_TRUE(plan.refusal());
  EXPECT_TRUE(plan.roots().empty());
  EXPECT_EQ(text_of(*plan.refusal()),
            "51  Argument \"@skip(if:)\" has invalid value: Expected variable \"$n\" provided to "
            "non-null type \"Boolean!\" not to be null.");
}

TEST(Refusals, AValueThatIsNotNullIsNoError) {
  constexpr std::string_view kDocument =
      "query ($n: Boolean = true) { pupils { totalCount @include(if: $n) } }";
  EXPECT_EQ(refusals(kDocument, "{}"), "");
  EXPECT_EQ(refusals(kDocument, R"({"n":false})"), "");
  EXPECT_EQ(refusals(kDocument), "63 [\"pupils\"]\n");
}

TEST(Refusals, SkipIsLookedAtBeforeInclude) {
  EXPECT_EQ(refusals("query ($n: Boolean = true, $s: Boolean!) { pupils { totalCount "
                     "@include(if: $n) @skip(if: $s) } }",
                     R"({"n":null,"s":true})"),
            "");
  EXPECT_EQ(refusals("query ($n: Boolean = true) { pupils { totalCount "
                     "@include(if: $n) @skip(if: true) } }"),
            "");
  EXPECT_EQ(refusals("query ($n: Boolean = true) { pupils { totalCount "
                     "@include(if: false) @skip(if: $n) } }"),
            "80 [\"pupils\"]\n");
}

TEST(Refusals, WhatIsNotIncludedIsNotLookedAt) {
  EXPECT_EQ(refusals("query ($n: Boolean = true, $s: Boolean!) { pupils { totalCount "
                     "... @skip(if: $s) { pageInfo { hasNextPage @skip(if: $n) } } } }",
                     R"({"n":null,"s":true})"),
            "");
}

TEST(Refusals, BelowAListTheyNeedAnItem) {
  EXPECT_EQ(refusals("query ($n: Boolean = true) { p: pupils { e: edges { cursor @skip(if: $n) } "
                     "edges { node { guardians { name @skip(if: $n) } } } "
                     "pageInfo { hasNextPage @include(if: $n) } } }"),
            "70 [\"p\",\"e\",0]?\n"
            "118 [\"p\",\"edges\",0,\"node\",\"guardians\",0]?\n"
            "164 [\"p\",\"pageInfo\"]\n");
  EXPECT_EQ(refusals("query ($n: Boolean = true) { school { id rooms { number @skip(if: $n) } } }"),
            "67 [\"school\",\"rooms\",0]?\n");
}

TEST(Refusals, FieldsOfAFragmentUnderSeveralFlagsHaveOnePlace) {
  const BoundPlan plan = bound_school(
      "query ($n: Boolean!) { ...F @include(if: $n) ...F } "
      "fragment F on Query { pupils { totalCount } }",
      R"({"n":true})");
  EXPECT_EQ(locations_of(plan, *plan.roots().front().entry),
            (std::vector<graphql::Location>{{.line = 1, .column = 75}}));
}

}  // namespace
}  // namespace matricula::execution
