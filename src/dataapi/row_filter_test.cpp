#include "dataapi/row_filter.h"

#include <gtest/gtest.h>

#include "dataapi/company_snapshot.h"
#include "domains/domains.h"
#include "exchange/testing.h"

namespace matricula::dataapi {
namespace {

using records::EntityId;

// The filters of all endpoints of this build.
struct Filters {
  Filters() {
    for (const domains::Domain& domain : domains::all_domains()) {
      domains::Definition definition = domain.define();
      if (definition.audience == domains::Audience::kToken) {
        schemas.push_back(graphql::Schema::from_sdl(domain.sdl).value());
        mappings.push_back(std::make_unique<planning::Mapping>(std::move(definition.mapping)));
      }
    }
    std::vector<RowFilters::Endpoint> endpoints;
    for (std::size_t i = 0; i < schemas.size(); ++i) {
      endpoints.push_back({.schema = *schemas[i], .mapping = *mappings[i]});
    }
    all =
        std::make_unique<RowFilters>(endpoints, execution::ExecutionLimits{.filter_values_max = 3});
  }
  std::vector<std::shared_ptr<const graphql::Schema>> schemas;
  std::vector<std::unique_ptr<planning::Mapping>> mappings;
  std::unique_ptr<RowFilters> all;
};

const RowFilters& filters() {
  static const Filters kFilters;
  return *kFilters.all;
}

std::string error_of(EntityId table, std::optional<std::string_view> filter,
                     std::optional<std::string_view> query = {}) {
  const auto read = filters().read(table, filter, query);
  return read ? "none" : read.error().front().message;
}

TEST(RowFilters, WhatIsWrongWithAFilterIsSaidAsTheEndpointSaysIt) {
  EXPECT_EQ(error_of(EntityId::kProgramProgress, R"({"enrollmentStatus":["LOST"]})"),
            "Variable \"$filter\" has invalid value at .enrollmentStatus[0]: Value \"LOST\" does "
            "not exist in \"EnrollmentStatus\" enum.");
  EXPECT_EQ(error_of(EntityId::kProgramProgress, R"({"colour":1})"),
            "Variable \"$filter\" has invalid value: Expected value of type "
            "\"ProgramProgressFilter\" not to include unknown field \"colour\", found: { colour: "
            "1 }.");
  EXPECT_EQ(error_of(EntityId::kAssessmentProgress, "{"),
            "filter is not JSON: invalid JSON at byte 1: expected a name in quotes");
  EXPECT_EQ(
      error_of(EntityId::kProgramProgress, R"({"programKeys":["a","b","c","d"]})").substr(0, 85),
      "With \"filter.programKeys\" the filter lists of the request hold 4 values; the limit "
      "\"f");
}

TEST(RowFilters, OtherTablesAndEmptyOnesAreRefused) {
  EXPECT_EQ(error_of(EntityId::kUsers, "{}"),
            "filter is for program_progress, assessment_progress and learning_plan_progress.");
  EXPECT_EQ(error_of(EntityId::kUsers, {}, "a"), "query is for program_progress.");
  EXPECT_EQ(error_of(EntityId::kAssessmentProgress, {}, "a"), "query is for program_progress.");
  EXPECT_EQ(error_of(EntityId::kProgramProgress, ""),
            "filter is empty; leave it out to have all rows.");
  EXPECT_EQ(error_of(EntityId::kProgramProgress, {}, ""),
            "query is empty; leave it out to have all rows.");
}

class RowFilterTest : public testing::Test {
 protected:
  void SetUp() override {
    store_.write_sample();
    ASSERT_EQ(store_.import({store_.in("")})->rejected(), 0U);
  }
  // How many rows of acme pass.
  int rows(EntityId entity, std::optional<std::string_view> filter,
           std::optional<std::string_view> query = {}) {
    const auto read = filters().read(entity, filter, query).value();
    RowFilter::Values values;
    tables::RowScope scope{.company = "acme"};
    scope.condition = read->condition(store_.database().dialect(), values);
    const auto session = store_.database().open_reader().value();
    const auto snapshot = CompanySnapshot::begin(*session, "acme");
    auto reader = tables::TableReader::open(*session, tables::Table(entity), scope).value();
    int count = 0;
    while (reader.next().value()) {
      ++count;
    }
    return count;
  }

  exchange::ExchangeStore store_;
};

TEST_F(RowFilterTest, EachKindOfConditionNarrowsTheTable) {
  const EntityId table = EntityId::kProgramProgress;
  EXPECT_EQ(rows(table, "{}"), 1);
  EXPECT_EQ(rows(table, R"({"enrollmentStatus":["ENROLLED","GRADUATED"]})"), 1);
  EXPECT_EQ(rows(table, R"({"enrollmentStatus":["GRADUATED"]})"), 0);
  EXPECT_EQ(rows(table, R"({"enrollmentStatus":[]})"), 0);
  EXPECT_EQ(rows(table, R"({"userIds":["01234567-89AB-cdef-0123-456789abcdef"]})"), 1);
  EXPECT_EQ(rows(table, R"({"userEmails":["ADA@example.com"]})"), 1);
  EXPECT_EQ(rows(table, R"({"learningPlanIds":["p2"]})"), 0);
  EXPECT_EQ(rows(table, R"({"completionPercentage":{"from":12.25,"to":12.25}})"), 1);
  EXPECT_EQ(rows(table, R"({"enrolledAt":{"to":"2025-06-01T08:00:00Z"}})"), 0);
  EXPECT_EQ(rows(table, R"({"lastActiveAt":{"to":"2030-01-01T00:00:00Z"}})"), 1);
  EXPECT_EQ(rows(table, R"({"graduatedAt":{"to":"2030-01-01T00:00:00Z"}})"), 0);
  EXPECT_EQ(rows(table, R"({"enrolledAt":{}})"), 1);
  EXPECT_EQ(rows(table, {}, "LOVELACE"), 1);
  EXPECT_EQ(rows(table, {}, "ada love"), 1);
  EXPECT_EQ(rows(table, {}, "grace"), 0);
  EXPECT_EQ(rows(table, R"({"programKeys":["cd1"],"onTrackStatus":["ON_TRACK"]})", "ada"), 1);
  EXPECT_EQ(rows(EntityId::kLearningPlanProgress,
                 R"({"userIds":["01234567-89ab-cdef-0123-456789abcdef"]})"),
            1);
  EXPECT_EQ(rows(EntityId::kAssessmentProgress, "{}"), 2);
}

}  // namespace
}  // namespace matricula::dataapi
