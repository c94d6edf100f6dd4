#include "exchange/feed_from_start.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "exchange/feed_import.h"
#include "exchange/testing.h"
#include "exchange/testing_feed.h"
#include "records/find_problems.h"
#include "storage/postgres/testing_cluster.h"

// A follower that begins anew: a feed from the start replaces what it has of the company.
namespace matricula::exchange {
namespace {

class FeedFromStartTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const std::string url =
        storage::postgres::PrivateCluster::new_store(GetParam(), directory_.file("target.db"));
    target_ = storage::open_database(url, {.migrations = migrations::all()}, clock_).value();
    source_.write_sample();
    ASSERT_EQ(source_.import({source_.in("")})->rejected(), 0u);
    clock_.set_calendar(source_.clock().now() + 1'000'000);
    ASSERT_EQ(apply(whole_feed("acme"), false), "+14 =0 -0");
    ASSERT_EQ(apply(whole_feed("bolt"), false), "+4 =1 -0");  // a person of both
  }

  // Every record that the source has of a company, and no deletes.
  std::string whole_feed(std::string_view company) {
    std::int64_t after = 0;
    return feed_of(source_.database(), company, after);
  }

  std::string apply(const std::string& lines, bool from_start = true) {
    write_file(directory_.file("feed"), lines);
    const auto report = import_changes(*target_, open_feed(directory_.file("feed")).value(),
                                       {.reports_max = 3, .from_start = from_start}, clock_);
    if (!report) {
      return "error: " + report.error().message;
    }
    EXPECT_EQ(report->reasons, std::vector<std::string>{});
    return fmt::format("+{} ={} -{}", report->changed, report->unchanged, report->deleted);
  }

  void expect_same(const std::string& company) {
    EXPECT_EQ(company_rows_of(*target_, company), company_rows_of(source_.database(), company))
        << company;
    const auto session = target_->open_reader().value();
    EXPECT_TRUE(session->begin_snapshot());
    EXPECT_EQ(records::find_problems(*session).value(), std::vector<std::string>{});
    session->end_snapshot();
  }

  ExchangeStore source_;
  storage::TempDirectory directory_;
  ManualClock clock_;
  std::unique_ptr<storage::Database> target_;
};

TEST_P(FeedFromStartTest, DeletesWhatTheCompanyNoLongerHas) {
  // Everything that refers to the contract and the plan of acme goes too, and what only they named.
  for (const auto& [table, lines] : std::initializer_list<std::pair<std::string, std::string>>{
           {"program_progress",
            fmt::format(R"({{"companyId":"acme","userId":"{}","programKey":"p1","_delete":true}})",
                        kAda)},
           {"contract_programs", R"({"contractId":"c1","programKey":"p1","_delete":true})"}}) {
    const std::string done = source_.import_text(table + ".ndjson", lines + "\n", true);
    ASSERT_TRUE(done.starts_with('+')) << done;
  }
  const std::string before = company_rows_of(*target_, "bolt");
  const std::string done = apply(whole_feed("acme"));
  EXPECT_TRUE(done.starts_with("+0 =")) << done;
  expect_same("acme");
  EXPECT_EQ(company_rows_of(*target_, "bolt"), before);
  expect_same("bolt");
  EXPECT_TRUE(apply(whole_feed("acme")).ends_with(" -0"));
}

TEST_P(FeedFromStartTest, WithoutTheCompanysRecordNothingIsDeleted) {
  const std::string before = company_rows_of(*target_, "acme");
  const std::string refused = apply(
      R"({"_table":"contracts","_sequence":1,"id":"c1","companyId":"acme","name":""}
)");
  EXPECT_NE(refused.find("was not read from the start"), std::string::npos) << refused;
  EXPECT_NE(apply("").find("was not read from the start"), std::string::npos);
  EXPECT_EQ(company_rows_of(*target_, "acme"), before);
}

TEST_P(FeedFromStartTest, BringsANewCompany) {
  storage::TempDirectory other;
  target_ = storage::open_database(
                storage::postgres::PrivateCluster::new_store(GetParam(), other.file("new.db")),
                {.migrations = migrations::all()}, clock_)
                .value();
  EXPECT_EQ(apply(whole_feed("acme")), "+14 =0 -0");
  expect_same("acme");
  target_.reset();
}

INSTANTIATE_TEST_SUITE_P(Stores, FeedFromStartTest, testing::Values("sqlite", "postgres"),
                         [](const auto& instance) { return instance.param; });

}  // namespace
}  // namespace matricula::exchange
