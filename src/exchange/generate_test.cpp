#include "exchange/generate.h"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "exchange/testing.h"
#include "records/entities.h"

namespace matricula::exchange {
namespace {

constexpr Timestamp kNow = 1'767'225'600'000'000;  // 2026-01-01

// A dozen companies, generated and imported: what must hold in any set is asked of the store.
class GenerateTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    store_ = new ExchangeStore;
    const std::string out = store_->in("set");
    const GenerateOptions options{
        .out = out, .companies = 12, .learners = 3'000, .seed = 42, .now = kNow};
    ASSERT_TRUE(generate(options, store_->clock()).has_value());
    const auto report = store_->import({out});
    ASSERT_TRUE(report.has_value()) << report.error().message;
    ASSERT_EQ(report->rejected(), 0u) << report->files.back().reasons.front();
  }
  static void TearDownTestSuite() {
    delete store_;
    store_ = nullptr;
  }

  static double number(const std::string& expression, const std::string& from) {
    return std::stod(store_->select(fmt::format("SELECT {} FROM {}", expression, from)));
  }
  static double share(const std::string& condition, const std::string& from) {
    return number(fmt::format("avg(CASE WHEN {} THEN 1.0 ELSE 0.0 END)", condition), from);
  }
  static void expect_none(const std::string& condition, const std::string& from) {
    EXPECT_EQ(number("count(*)", from + " WHERE " + condition), 0) << condition;
  }
  static void expect_some(const std::string& condition, const std::string& from) {
    EXPECT_GT(number("count(*)", from + " WHERE " + condition), 0) << condition;
  }
  static void expect_share(const std::string& condition, const std::string& from, double low,
                           double high) {
    const double found = share(condition, from);
    EXPECT_GE(found, low) << condition;
    EXPECT_LE(found, high) << condition;
  }

  inline static ExchangeStore* store_ = nullptr;
};

// That a program, or an assessment, is in the catalog of the company of row p.
std::string covered(const std::string& kind, const std::string& company, const std::string& key) {
  return fmt::format(
      "EXISTS (SELECT 1 FROM contract_{0}s cc JOIN contracts c ON c.id = cc.contract_id "
      "WHERE c.company_id = {1} AND cc.{2} = {3})",
      kind, company, kind == "program" ? "program_key" : "assessment_id", key);
}

TEST_F(GenerateTest, TimesOfEnrolmentsFollowEachOther) {
  expect_none("enrolled_at > last_active_at", "program_progress");
  expect_none("completed_at > graduated_at", "program_progress");
  expect_none(fmt::format("last_active_at > {0} OR updated_at > {0}", kNow), "program_progress");
  expect_none(
      "(enrollment_status = 'GRADUATED' AND graduated_at IS NULL) OR (graduated_at IS "
      "NOT NULL AND enrollment_status NOT IN ('GRADUATED', 'STATIC_ACCESS'))",
      "program_progress");
  expect_none("(unenrolled_at IS NOT NULL) <> (enrollment_status = 'UNENROLLED')",
              "program_progress");
}

TEST_F(GenerateTest, ProgressFitsItsStatus) {
  const std::string all_done = "projects_required_completed = projects_required_total";
  expect_none("projects_required_completed > projects_required_total", "program_progress");
  expect_none(
      "enrollment_status = 'GRADUATED' AND NOT (" + all_done + " AND completion_percentage = 100)",
      "program_progress");
  expect_none("on_track_status = 'READY_TO_GRADUATE' AND NOT (" + all_done +
                  " AND enrollment_status <> 'GRADUATED')",
              "program_progress");
  expect_some("completion_percentage = 100 AND NOT " + all_done, "program_progress");
}

TEST_F(GenerateTest, SubscriptionsCountTheRequiredStepsOfTheirPlan) {
  const std::string from = "learning_plan_progress p JOIN learning_plans l ON l.id = p.plan_id";
  expect_none(
      "required_steps_total <> (SELECT count(*) FROM json_tree(l.steps) j "
      "WHERE j.key = 'isRequired' AND j.value)",
      from);
  expect_none("required_steps_completed > required_steps_total", from);
  expect_none("(completed_at IS NOT NULL) <> (required_steps_completed = required_steps_total)",
              from);
  expect_none("NOT (created_at <= started_at AND started_at <= last_active_at)", from);
  expect_none(
      "NOT (SELECT count(*) BETWEEN 3 AND 8 FROM json_tree(steps) j "
      "WHERE j.key = 'isRequired' AND j.value)",
      "learning_plans");
}

TEST_F(GenerateTest, StepsAreOfTheCompanysCatalogAndOfEveryType) {
  const std::string resources =
      "learning_plans l, json_tree(l.steps) j WHERE j.key = 'resourceKey' AND j.value IS NOT NULL";
  EXPECT_GT(number("count(*)", resources), 0);
  EXPECT_EQ(
      number("count(*)", resources + " AND NOT " + covered("program", "l.company_id", "j.value") +
                             " AND NOT " + covered("assessment", "l.company_id", "j.value")),
      0);
  EXPECT_EQ(store_->select("SELECT DISTINCT j.value FROM learning_plans l, json_tree(l.steps) j "
                           "WHERE j.key = 'stepType' ORDER BY 1"),
            "APPLICATION,ASSESSMENT,GROUP,PROGRAM,SURVEY");
}

TEST_F(GenerateTest, AboutOneInAHundredIsOutsideOfTheCatalog) {
  expect_share("NOT " + covered("program", "p.company_id", "p.program_key"), "program_progress p",
               0.003, 0.02);
  expect_share("NOT " + covered("assessment", "p.company_id", "p.assessment_id"),
               "assessment_progress p", 0.001, 0.02);
  expect_some("NOT EXISTS (SELECT 1 FROM programs WHERE key = p.program_key)",
              "program_progress p");
}

TEST_F(GenerateTest, SharesAreThoseOfRealData) {
  expect_share("enrollment_status = 'ENROLLED'", "program_progress", 0.48, 0.56);
  expect_share("enrollment_status = 'GRADUATED'", "program_progress", 0.24, 0.30);
  expect_share("enrollment_status = 'UNENROLLED'", "program_progress", 0.12, 0.18);
  expect_share("enrollment_status = 'STATIC_ACCESS'", "program_progress", 0.04, 0.08);
  expect_share("program_type = 'COURSE'", "program_progress", 0.40, 0.70);
  expect_share("program_type = 'NANODEGREE'", "program_progress", 0.20, 0.50);
  expect_share("last_active_at IS NULL", "program_progress", 0.10, 0.22);
  expect_share("assessment_status = 'in_progress'", "assessment_progress", 0.09, 0.15);
  expect_share("subscription_status = 'ACTIVE'", "learning_plan_progress", 0.75, 0.85);
  expect_share("started_at IS NULL", "learning_plan_progress", 0.14, 0.22);
  expect_share("locale = 'en-us'", "programs", 0.60, 0.80);
  const double enrolments = number("count(*)", "program_progress") / 3'000;
  EXPECT_GT(enrolments, 2.0);
  EXPECT_LT(enrolments, 2.8);
  EXPECT_LE(number("max(n)", "(SELECT count(*) AS n FROM program_progress GROUP BY user_id)"), 41);
}

TEST_F(GenerateTest, AwkwardValuesArePresent) {
  for (const char* column :
       {"unenrolled_at", "graduated_at", "completed_at", "last_active_at", "learning_plan_id"}) {
    expect_share(fmt::format("{} IS NULL", column), "program_progress", 0.05, 0.98);
  }
  for (const char* column :
       {"user_id", "assessment_result", "assessment_report", "learning_plan_id"}) {
    expect_share(fmt::format("{} IS NULL", column), "assessment_progress", 0.001, 0.98);
  }
  expect_some("email <> email_key", "users");
  expect_some("instr(first_name, '\"') OR instr(last_name, '\\')", "users");
  // Ties in an order, and people who learn with two companies.
  EXPECT_GT(number("count(*)",
                   "(SELECT 1 FROM program_progress GROUP BY company_id, updated_at "
                   "HAVING count(*) > 1)"),
            10);
  EXPECT_GT(number("count(*)",
                   "(SELECT 1 FROM program_progress GROUP BY user_id "
                   "HAVING count(DISTINCT company_id) > 1)"),
            5);
}

std::string bytes_of(const std::string& directory) {
  std::string all;
  for (const records::Entity& entity : records::entities()) {
    const std::ifstream file(fmt::format("{}/{}.ndjson", directory, entity.name), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    all += text.str();
  }
  return all;
}

TEST(Generate, TheSameSeedGivesTheSameBytesAndAnotherOneOthers) {
  const storage::TempDirectory directory;
  const ManualClock clock;
  const auto made = [&](const std::string& name, std::uint64_t seed) {
    const GenerateOptions options{
        .out = directory.file(name), .companies = 3, .learners = 40, .seed = seed, .now = kNow};
    EXPECT_TRUE(generate(options, clock).has_value());
    return bytes_of(directory.file(name));
  };
  const std::string bytes = made("a", 7);
  EXPECT_GT(bytes.size(), 20'000u);
  EXPECT_EQ(made("b", 7), bytes);
  EXPECT_NE(made("c", 8), bytes);
}

// More than 740 companies have ids of two lengths, more than 833 learners of one have ten plans.
TEST(Generate, AnExportOfWhatWasImportedGivesTheSameBytes) {
  const ManualClock clock;
  const GenerateOptions sets[] = {
      {.out = {}, .companies = 1, .learners = 1, .now = kNow},
      {.out = {}, .companies = 750, .learners = 90, .now = kNow},
      {.out = {}, .companies = 2, .learners = 2'500, .seed = 7, .now = kNow},
  };
  for (GenerateOptions options : sets) {
    SCOPED_TRACE(fmt::format("{} companies", options.companies));
    ExchangeStore store;
    options.out = store.in("made");
    ASSERT_TRUE(generate(options, clock).has_value());
    ASSERT_TRUE(store.import({options.out}).has_value());
    ASSERT_TRUE(export_records(store.database(), store.in("exported")).has_value());
    for (const records::Entity& entity : records::entities()) {
      // Compared by ==: a difference of megabytes is not to be printed.
      const std::string name = fmt::format("/{}.ndjson", entity.name);
      EXPECT_TRUE(read_file(store.in("made") + name) == read_file(store.in("exported") + name))
          << entity.name;
    }
  }
}

TEST(Generate, RefusesSizesOutOfBoundsAndADirectoryInUse) {
  const storage::TempDirectory directory;
  const ManualClock clock;
  EXPECT_EQ(generate({.out = directory.file("x"), .companies = 0}, clock).error().code,
            ErrorCode::kUsage);
  EXPECT_EQ(generate({.out = directory.file("x"), .learners = 0}, clock).error().code,
            ErrorCode::kUsage);
  std::ofstream(directory.file("users.ndjson")) << "";
  EXPECT_EQ(generate({.out = directory.path()}, clock).error().code, ErrorCode::kConflict);
}

}  // namespace
}  // namespace matricula::exchange
