#include "pipeline/plan_cache.h"

#include <gtest/gtest.h>

namespace matricula::pipeline {
namespace {

std::shared_ptr<const planning::Plan> plan_of(std::size_t bytes) {
  auto plan = std::make_shared<planning::Plan>();
  plan->bytes = bytes;
  return plan;
}

const int kEndpoint = 0;
const int kOther = 0;

TEST(PlanCache, FindsByEndpointNameAndText) {
  PlanCache cache({.entries = 10, .bytes = 10'000});
  const auto plan = plan_of(10);
  cache.insert(&kEndpoint, "A", "{ a }", plan);
  EXPECT_EQ(cache.find(&kEndpoint, "A", "{ a }"), plan);
  EXPECT_EQ(cache.find(&kOther, "A", "{ a }"), nullptr);
  EXPECT_EQ(cache.find(&kEndpoint, "", "{ a }"), nullptr);
  EXPECT_EQ(cache.find(&kEndpoint, "A", "{ b }"), nullptr);
}

TEST(PlanCache, WhereTheNameEndsIsPartOfTheKey) {
  using std::string_view_literals::operator""sv;
  PlanCache cache({.entries = 10, .bytes = 10'000});
  cache.insert(&kEndpoint, "A"sv, "#\0{ a }"sv, plan_of(10));
  EXPECT_EQ(cache.find(&kEndpoint, "A#"sv, "\0{ a }"sv), nullptr);
  EXPECT_EQ(cache.find(&kEndpoint, "A\0#"sv, "{ a }"sv), nullptr);
  EXPECT_EQ(cache.find(&kEndpoint, "A#\0"sv, "{ a }"sv), nullptr);
}

TEST(PlanCache, DropsTheLeastRecentlyUsedOnePastEachBound) {
  PlanCache cache({.entries = 2, .bytes = 10'000});
  cache.insert(&kEndpoint, "", "1", plan_of(10));
  cache.insert(&kEndpoint, "", "2", plan_of(10));
  EXPECT_NE(cache.find(&kEndpoint, "", "1"), nullptr);
  cache.insert(&kEndpoint, "", "3", plan_of(10));
  EXPECT_EQ(cache.find(&kEndpoint, "", "2"), nullptr);
  EXPECT_NE(cache.find(&kEndpoint, "", "1"), nullptr);

  PlanCache small({.entries = 10, .bytes = 1'000});
  small.insert(&kEndpoint, "", "1", plan_of(600));
  small.insert(&kEndpoint, "", "2", plan_of(600));
  EXPECT_EQ(small.find(&kEndpoint, "", "1"), nullptr);
  small.insert(&kEndpoint, "", "3", plan_of(1'001));
  EXPECT_EQ(small.entries(), 1U);
}

}  // namespace
}  // namespace matricula::pipeline
