#include "exchange/feed_import.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>

#include "exchange/testing.h"
#include "exchange/testing_feed.h"
#include "records/find_problems.h"
#include "storage/postgres/testing_cluster.h"

// A feed of changes, applied to a store of either kind.
namespace matricula::exchange {
namespace {

constexpr Timestamp kHour = 3'600'000'000;

class FeedImportTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const std::string url =
        storage::postgres::PrivateCluster::new_store(GetParam(), directory_.file("target.db"));
    clock_.set_calendar(source_.clock().now() + 24 * kHour);
    target_ = storage::open_database(url, {.migrations = migrations::all()}, clock_).value();
    source_.write_sample();
    ASSERT_EQ(source_.import({source_.in("")})->rejected(), 0u);
  }

  // What became of a feed: "+changed =unchanged -deleted", or the reasons, a line each.
  std::string apply(std::string_view lines) {
    write_file(directory_.file("feed"), lines);
    const auto report = import_changes(*target_, open_feed(directory_.file("feed")).value(),
                                       {.reports_max = 3}, clock_);
    if (!report) {
      return "error: " + report.error().message + report.error().internal;
    }
    std::string out;
    for (const std::string& reason : report->reasons) {
      out += reason.substr(reason.rfind("feed:")) + "\n";
    }
    return report->is_kept ? out + fmt::format("+{} ={} -{}", report->changed, report->unchanged,
                                               report->deleted)
                           : out;
  }

  // Brings the target up to the source's state of a company.
  std::string follow(std::string_view company) {
    return apply(feed_of(source_.database(), company, after_[std::string(company)]));
  }

  void change(const std::string& table, const std::string& lines) {
    source_.clock().set_calendar(source_.clock().now() + kHour);
    const std::string done = source_.import_text(table + ".ndjson", lines, true);
    ASSERT_TRUE(done.starts_with('+')) << done;
  }

  void expect_same(const std::string& company) {
    EXPECT_EQ(company_rows_of(*target_, company), company_rows_of(source_.database(), company));
    const auto session = target_->open_reader().value();
    EXPECT_TRUE(session->begin_snapshot());
    EXPECT_EQ(records::find_problems(*session).value(), std::vector<std::string>{});
    session->end_snapshot();
  }

  ExchangeStore source_;
  storage::TempDirectory directory_;
  ManualClock clock_;
  std::unique_ptr<storage::Database> target_;
  std::map<std::string, std::int64_t> after_;
};

TEST_P(FeedImportTest, AWholeFeedMakesAnEmptyStoreEqual) {
  EXPECT_EQ(follow("acme"), "+14 =0 -0");
  expect_same("acme");
  EXPECT_EQ(follow("bolt"), "+4 =1 -0");  // a person of both
  expect_same("acme");
  expect_same("bolt");
}

TEST_P(FeedImportTest, ApplyingAFeedTwiceChangesNothing) {
  std::int64_t after = 0;
  const std::string lines = feed_of(source_.database(), "acme", after);
  apply(lines);
  const auto session = target_->open_reader().value();
  const std::int64_t last = records::read_sequence(*session, "acme").value()->last;
  EXPECT_EQ(apply(lines), "+0 =14 -0");
  EXPECT_EQ(records::read_sequence(*session, "acme").value()->last, last);
}

TEST_P(FeedImportTest, TheTimeThatALineBringsStandsThroughRenames) {
  follow("acme");
  change(
      "users",
      fmt::format(R"({{"id":"{}","email":"countess@example.com","firstName":"A","lastName":"L"}})"
                  "\n",
                  kAda));
  change(
      "assessments",
      R"({"id":"q1","title":"Test","category":"PASS_FAIL","isTimed":false,"totalQuestionsInAssessment":1})"
      "\n");
  change("programs", R"({"_delete":true,"key":"cd1","locale":"en-us"})"
                     "\n");
  change("learning_plans",
         R"({"id":"p1","companyId":"acme","title":"New","key":"plan","slug":"plan","steps":[]})"
         "\n");
  const std::string before = company_rows_of(source_.database(), "acme");
  EXPECT_EQ(before.find("\"updatedAt\":\"2025-06-02"), std::string::npos) << "all have moved";
  follow("acme");
  expect_same("acme");
  // A later line that brings an older time than the rename's stands too.
  std::int64_t all = 0;
  apply(feed_of(source_.database(), "acme", all));
  expect_same("acme");
}

TEST_P(FeedImportTest, DeletesTakeTheirTurn) {
  follow("acme");
  change("assessment_progress", R"({"_delete":true,"attemptId":"t2"})"
                                "\n");
  change("contract_programs", R"({"_delete":true,"contractId":"a1","programKey":"cd1"})"
                              "\n");
  EXPECT_EQ(follow("acme"), "+0 =0 -3");  // and with the attempt its person
  expect_same("acme");
  change("program_progress",
         fmt::format(R"({{"_delete":true,"companyId":"acme","userId":"{}","programKey":"cd1"}})"
                     "\n",
                     kAda));
  change("learning_plans",
         R"({"id":"p1","companyId":"acme","title":"Plan","key":"plan","slug":"plan","steps":[]})"
         "\n");
  change("contract_assessments", R"({"_delete":true,"contractId":"a1","assessmentId":"q1"})"
                                 "\n");
  change("contracts", R"({"_delete":true,"id":"a1"})"
                      "\n");
  follow("acme");
  expect_same("acme");
}

TEST_P(FeedImportTest, WhatAnotherCompanyHasStays) {
  follow("acme");
  follow("bolt");
  change("learning_plan_progress", fmt::format(R"({{"_delete":true,"planId":"p1","userId":"{}"}})"
                                               "\n",
                                               kAda));
  change("program_progress",
         fmt::format(R"({{"_delete":true,"companyId":"acme","userId":"{}","programKey":"cd1"}})"
                     "\n",
                     kAda));
  EXPECT_EQ(follow("acme"), "+0 =1 -2");
  expect_same("acme");
  expect_same("bolt");
}

// The members of Ada's line and what closes it.
std::string ada(std::string_view email) {
  return fmt::format(R"("id":"{}","email":"{}","firstName":"","lastName":""}})", kAda, email);
}

// In the target the attempt still is Grace's, so that she can go only after its line was put.
TEST_P(FeedImportTest, AnAddressGoesFromAPersonWhoLeftToAnother) {
  follow("acme");
  change(
      "assessment_progress",
      R"({"companyId":"acme","attemptId":"t2","assessmentId":"q1","assessmentStatus":"completed","createdAt":"2025-06-01T08:00:00Z"})");
  change("users", fmt::format(R"({{"_delete":true,"id":"{}"}})", kGrace));
  change("users", "{" + ada("Grace@example.com"));
  EXPECT_EQ(follow("acme"), "+4 =0 -1");
  expect_same("acme");
}

TEST_P(FeedImportTest, WhoCannotBeDeletedKeepsTheAddress) {
  follow("acme");
  const std::string deletion =
      R"({"_table":"companies","_sequence":20,"id":"acme","slug":"acme","name":"Acme"}
{"_table":"users","_sequence":21,"id":"76543210-89ab-cdef-0123-456789abcdef","_delete":true})";
  EXPECT_EQ(apply(deletion), "+0 =2 -0");
  expect_same("acme");
  const std::string taken = "\n{\"_table\":\"users\",\"_sequence\":22," + ada("grace@example.com");
  EXPECT_TRUE(apply(deletion + taken).ends_with("another one has been given its e-mail address\n"));
  expect_same("acme");
}

// Lines that cannot be, and what is said of them.
TEST_P(FeedImportTest, BadLinesAreNamedAndNothingIsKept) {
  const std::string company =
      R"({"_table":"companies","_sequence":1,"_changedAt":"2026-01-01T00:00:00Z","id":"acme","slug":"a","name":"A"})"
      "\n";
  const auto second = [&](const std::string& line) { return apply(company + line + "\n"); };
  EXPECT_EQ(second(R"({"_table":"users",)"), "feed:2: is not valid JSON\n");
  EXPECT_EQ(second(R"({"id":"c","companyId":"acme","name":""})"),
            "feed:2: _table is missing: a line of a feed begins with it\n");
  EXPECT_EQ(
      second(R"({"_table":"people","_sequence":2})"),
      "feed:2: _table: there is no table \"people\"; the tables are companies, contracts, "
      "users, programs, contract_programs, assessments, contract_assessments, learning_plans, "
      "program_progress, assessment_progress, learning_plan_progress\n");
  EXPECT_EQ(second(R"({"_table":"contracts","id":"c","companyId":"acme","name":""})"),
            "feed:2: _sequence is missing\n");
  EXPECT_EQ(
      second(R"({"_table":"contracts","_sequence":"2","id":"c","companyId":"acme","name":""})"),
      "feed:2: _sequence: expected a number from 1 on, found \"2\"\n");
  EXPECT_EQ(
      second(
          R"({"_table":"contracts","_sequence":2,"_changedAt":"now","id":"c","companyId":"acme","name":""})"),
      "feed:2: _changedAt: expected a time such as 2026-01-31T08:00:00Z, found \"now\"\n");
  EXPECT_EQ(
      second(
          R"({"_table":"contracts","_sequence":2,"_sequence":3,"id":"c","companyId":"acme","name":""})"),
      "feed:2: _sequence appears twice\n");
  EXPECT_EQ(second(R"({"_table":"contracts","_sequence":2,"id":"c","companyId":"acme"})"),
            "feed:2: name is missing\n");
  EXPECT_EQ(second(R"({"_table":"contracts","_sequence":1,"id":"c","companyId":"acme","name":""})"),
            "feed:2: _sequence: 1 does not follow 1 of line 1; give the pages of a feed in their "
            "order, each once\n");
  EXPECT_EQ(second(R"({"_table":"contracts","_sequence":2,"id":"c","companyId":"bolt","name":""})"),
            "feed:2: is of the company \"bolt\", and lines before it are of \"acme\"; a feed is of "
            "one company\n");
  EXPECT_EQ(
      second(
          R"({"_table":"contract_assessments","_sequence":2,"contractId":"c","assessmentId":"a"})"),
      "feed:2: contractId: there is no contract \"c\"\n");
  EXPECT_EQ(company_rows_of(source_.database(), "acme").empty(), false);
  const auto session = target_->open_reader().value();
  EXPECT_FALSE(records::read_sequence(*session, "acme").value().has_value());
}

TEST_P(FeedImportTest, RecordsOfAnotherCompanyAreLeftAlone) {
  follow("acme");
  follow("bolt");
  const std::string bolt = company_rows_of(*target_, "bolt");
  const std::string company =
      R"({"_table":"companies","_sequence":1,"id":"acme","slug":"acme","name":"Acme"})"
      "\n";
  for (const std::string line :
       {R"({"_table":"contracts","_sequence":2,"id":"b1","_delete":true})",
        R"({"_table":"learning_plans","_sequence":2,"id":"p2","_delete":true})"}) {
    EXPECT_EQ(apply(company + line + "\n"), "+0 =2 -0");
  }
  const std::string put =
      R"({"_table":"contract_programs","_sequence":2,"contractId":"b1","programKey":"cd1","launchUrl":""})";
  EXPECT_EQ(apply(company + put + "\n"),
            "feed:2: is of the company \"bolt\", and lines before it are of \"acme\"; a feed is of "
            "one company\n");
  EXPECT_EQ(company_rows_of(*target_, "bolt"), bolt);
}

TEST_P(FeedImportTest, OfARecordThatComesTwiceTheLastLineCounts) {
  follow("acme");
  EXPECT_EQ(apply(R"({"_table":"assessment_progress","_sequence":20,"attemptId":"t1","_delete":true}
{"_table":"assessment_progress","_sequence":21,"companyId":"acme","attemptId":"t1","assessmentId":"q1","assessmentStatus":"again","createdAt":"2025-06-01T08:00:00Z","updatedAt":"2025-06-01T08:00:00Z"}

{"_table":"assessment_progress","_sequence":22,"companyId":"acme","attemptId":"t2","assessmentId":"q1","assessmentStatus":"again","createdAt":"2025-06-01T08:00:00Z"}
{"_table":"assessment_progress","_sequence":23,"attemptId":"t2","_delete":true}
)"),
            "+1 =0 -1");
}

TEST_P(FeedImportTest, ManyRecordsOfSeveralTablesAreOneTransaction) {
  std::string attempts;
  std::string progress;
  for (int i = 0; i < 300; ++i) {
    attempts += fmt::format(
        R"({{"companyId":"acme","attemptId":"many{}","assessmentId":"q1","assessmentStatus":"s","createdAt":"2025-06-01T08:00:00Z"}})"
        "\n",
        i);
    progress += fmt::format(
        R"({{"companyId":"acme","userId":"{}","programKey":"p{}","programVersion":"1","programType":"PART","enrollmentStatus":"ENROLLED","enrolledAt":"2025-06-01T08:00:00Z","learnerHours":0,"completionPercentage":0,"projectsRequiredTotal":0,"projectsRequiredCompleted":0,"onTrackStatus":"MONITOR"}})"
        "\n",
        kAda, i);
  }
  change("assessment_progress", attempts);
  change("program_progress", progress);
  EXPECT_EQ(follow("acme"), "+614 =0 -0");
  expect_same("acme");
}

TEST_P(FeedImportTest, AMissingFileIsNamed) {
  const auto feed = open_feed(directory_.file("none"));
  ASSERT_FALSE(feed.has_value());
  EXPECT_EQ(feed.error().message,
            directory_.file("none") + " cannot be opened: No such file or directory.");
}

// One random line for a table of the sample.
std::pair<std::string, std::string> random_change(std::mt19937& random) {
  const auto pick = [&](unsigned count) { return static_cast<unsigned>(random() % count); };
  const std::string_view user = pick(2) == 0 ? kAda : kGrace;
  const std::string_view company = pick(4) == 0 ? "bolt" : "acme";
  const std::string_view plan = company == "acme" ? "p1" : "p2";
  const bool is_deletion = pick(3) == 0;
  const std::string gone = is_deletion ? R"("_delete":true,)" : "";
  switch (pick(8)) {
    case 0:
      return {
          "users",
          fmt::format(R"({{"id":"{}","email":"{}@example.com","firstName":"{}","lastName":""}})",
                      user, user.substr(0, pick(3) + 1), pick(3))};
    case 1:
      return {
          "programs",
          fmt::format(
              R"({{{}"key":"cd1","version":1,"locale":"{}","type":"PART","title":"T{}","summary":"","syllabusUrl":"","imageUrl":"","redirectUrl":"","duration":"P1D","modifiedDate":"2025-05-01T12:30:00Z","skillNames":[]}})",
              gone, pick(2) == 0 ? "de" : "en-us", pick(3))};
    case 2:
      return {"contract_programs",
              fmt::format(R"({{{}"contractId":"{}","programKey":"cd1","launchUrl":""}})", gone,
                          company == "acme" ? "a1" : "b1")};
    case 3:
      return {
          "assessments",
          fmt::format(
              R"({{{}"id":"q{}","title":"T{}","category":"PRACTICE","isTimed":false,"totalQuestionsInAssessment":0}})",
              gone, pick(2) + 1, pick(3))};
    case 4:
      return {
          "assessment_progress",
          fmt::format(
              R"({{{}"companyId":"{}","attemptId":"t{}{}","userId":"{}","assessmentId":"q{}","assessmentStatus":"s{}","createdAt":"2025-06-01T08:00:00Z"}})",
              gone, company, company, pick(3), user, pick(2) + 1, pick(3))};
    case 5:
      return {
          "learning_plan_progress",
          fmt::format(
              R"({{{}"companyId":"{}","planId":"{}","userId":"{}","subscriptionStatus":"ACTIVE","requiredStepsTotal":{},"requiredStepsCompleted":0,"assessmentsComplete":0,"createdAt":"2025-06-01T08:00:00Z"}})",
              gone, company, plan, user, pick(3))};
    case 6:
      return {"learning_plans",
              fmt::format(
                  R"({{"id":"{}","companyId":"{}","title":"P{}","key":"","slug":"","steps":[]}})",
                  plan, company, pick(3))};
    default:
      return {
          "program_progress",
          fmt::format(
              R"({{{}"companyId":"{}","userId":"{}","programKey":"{}","programVersion":"1","programType":"PART","enrollmentStatus":"ENROLLED","enrolledAt":"2025-06-01T08:00:00Z","learnerHours":{},"completionPercentage":0,"projectsRequiredTotal":0,"projectsRequiredCompleted":0,"onTrackStatus":"MONITOR"}})",
              gone, company, user, pick(2) == 0 ? "cd1" : "other", pick(3))};
  }
}

TEST_P(FeedImportTest, AFollowerIsEqualAtEveryQuietPoint) {
  std::mt19937 random(14);
  for (int round = 0; round < 25; ++round) {
    for (unsigned i = 0; i < 1 + random() % 12; ++i) {
      const auto [table, line] = random_change(random);
      source_.clock().set_calendar(source_.clock().now() + kHour);
      source_.import_text(table + ".ndjson", line + "\n", true);
    }
    for (const std::string company : {"acme", "bolt"}) {
      const std::string done = follow(company);
      ASSERT_TRUE(done.starts_with('+')) << "round " << round << ": " << done;
    }
    expect_same("acme");
    expect_same("bolt");
    ASSERT_FALSE(HasFailure()) << "round " << round;
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, FeedImportTest, testing::Values("sqlite", "postgres"),
                         [](const auto& instance) { return instance.param; });

}  // namespace
}  // namespace matricula::exchange
