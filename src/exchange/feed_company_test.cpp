#include "exchange/feed_company.h"

#include <gtest/gtest.h>

#include "exchange/feed_import.h"
#include "exchange/testing.h"

// Of which company a feed is, and what that means for records that went to another one.
namespace matricula::exchange {
namespace {

// A store that follows acme and bolt. The source has moved an attempt, a contract with what it
// covers and a plan from acme to bolt, and the feed of bolt came first.
class FeedCompanyTest : public testing::Test {
 protected:
  void SetUp() override {
    store_.write_sample();
    ASSERT_TRUE(store_.import({store_.in("")}).value().is_complete());
    ASSERT_EQ(take("contracts", R"({"id":"c1","companyId":"acme","name":""})"), "+1 =0 -0");
    ASSERT_EQ(take("contract_programs", R"({"contractId":"c1","programKey":"cd1","launchUrl":""})"),
              "+1 =0 -0");
    ASSERT_EQ(take("contract_assessments", R"({"contractId":"c1","assessmentId":"q1"})"),
              "+1 =0 -0");
  }

  std::string take(const std::string& table, const std::string& line) {
    return store_.import_text(table + ".ndjson", line);
  }

  void move_to_bolt() {
    const std::string moved = apply(
        R"({"_table":"assessment_progress","_sequence":31,"companyId":"bolt","attemptId":"t1","assessmentId":"q1","assessmentStatus":"done","createdAt":"2025-06-01T08:00:00Z"}
{"_table":"contracts","_sequence":32,"id":"c1","companyId":"bolt","name":""}
{"_table":"learning_plans","_sequence":33,"id":"p3","companyId":"bolt","title":"","key":"","slug":"","steps":[]}
)");
    ASSERT_EQ(moved, "+3 =0 -0");
  }

  // "+changed =unchanged -deleted", or the reasons or the error without the directory.
  std::string apply(const std::string& lines, const std::string& company = {}) {
    write_file(store_.in("feed"), lines);
    const auto report = import_changes(store_.database(), open_feed(store_.in("feed")).value(),
                                       {.company = company}, store_.clock());
    if (!report) {
      return "error: " + store_.without_directory(report.error().message);
    }
    std::string reasons;
    for (const std::string& reason : report->reasons) {
      reasons += store_.without_directory(reason) + "\n";
    }
    return report->is_kept
               ? fmt::format("+{} ={} -{}", report->changed, report->unchanged, report->deleted)
               : reasons;
  }

  std::string of_bolt() {
    return store_.select(
        "SELECT attempt_id FROM assessment_progress WHERE company_id = 'bolt' "
        "UNION ALL SELECT id FROM contracts WHERE company_id = 'bolt' "
        "UNION ALL SELECT program_key FROM contract_programs WHERE contract_id = 'c1' "
        "UNION ALL SELECT assessment_id FROM contract_assessments WHERE contract_id = 'c1' "
        "UNION ALL SELECT id FROM learning_plans WHERE company_id = 'bolt' ORDER BY 1");
  }

  ExchangeStore store_;
};

const std::string kAcme =
    R"({"_table":"companies","_sequence":40,"id":"acme","slug":"acme","name":"Acme"}
)";
const std::string kDeletions =
    R"({"_table":"assessment_progress","_sequence":41,"attemptId":"t1","_delete":true}
{"_table":"contracts","_sequence":42,"id":"c1","_delete":true}
{"_table":"contract_programs","_sequence":43,"contractId":"c1","programKey":"cd1","_delete":true}
{"_table":"contract_assessments","_sequence":44,"contractId":"c1","assessmentId":"q1","_delete":true}
{"_table":"learning_plans","_sequence":45,"id":"p3","_delete":true}
)";
const std::string kUnclear =
    "error: feed: No line names the company of the feed, and a record that it deletes has gone "
    "from one company to another. Give `--company ID`. Nothing of this file was kept.";

TEST_F(FeedCompanyTest, WhatWentToAnotherCompanyIsNotDeletedThere) {
  move_to_bolt();
  const std::string before = of_bolt();
  EXPECT_EQ(before, "b1,c1,cd1,p2,p3,q1,t1");
  EXPECT_EQ(apply(kAcme + kDeletions), "+0 =6 -0");
  EXPECT_EQ(apply(kDeletions, "acme"), "+0 =5 -0");
  EXPECT_EQ(of_bolt(), before);
}

TEST_F(FeedCompanyTest, DeletionsOfRecordsThatStayedAreOfTheirCompany) {
  EXPECT_EQ(apply(kDeletions), "+0 =1 -4");  // there is no plan p3
  // The first one says whose feed it is; what is another company's stays.
  EXPECT_EQ(apply(R"({"_table":"assessment_progress","_sequence":50,"attemptId":"t2","_delete":true}
{"_table":"contracts","_sequence":51,"id":"b1","_delete":true})"),
            "+0 =1 -1");
}

TEST_F(FeedCompanyTest, DeletionsOfRecordsThatMovedDoNotChooseAmongCompanies) {
  move_to_bolt();
  const std::string before = of_bolt();
  EXPECT_EQ(apply(kDeletions), kUnclear);
  EXPECT_EQ(of_bolt(), before);
  // What deletes nothing need not say.
  EXPECT_EQ(
      apply(
          R"({"_table":"assessments","_sequence":1,"id":"q2","title":"New","category":"PRACTICE","isTimed":false,"totalQuestionsInAssessment":0})"),
      "+1 =0 -0");
}

TEST_F(FeedCompanyTest, ADeletionMayNameItsCompany) {
  const auto deletion = [](std::string_view company, std::string_view attempt) {
    return fmt::format(
        R"({{"_table":"assessment_progress","_sequence":{},"companyId":"{}","attemptId":"{}","_delete":true}}
)",
        attempt == "t1" ? 1 : 2, company, attempt);
  };
  move_to_bolt();
  EXPECT_EQ(apply(deletion("acme", "t1") + deletion("acme", "t2")), "+0 =1 -1");
  EXPECT_EQ(apply(deletion("bolt", "t1") + deletion("acme", "t2")),
            "feed:2: is of the company \"acme\", and lines before it are of \"bolt\"; a feed is of "
            "one company\n");
  EXPECT_EQ(apply(deletion("bolt", "t1")), "+0 =0 -1");
}

TEST_F(FeedCompanyTest, ThePutOfWhatAContractCoversNamesItsCompany) {
  const std::string covers =
      R"({"_table":"contract_assessments","_sequence":9,"contractId":"a1","assessmentId":"q2"}
)";
  const std::string deletion =
      R"({"_table":"assessment_progress","_sequence":8,"attemptId":"t1","_delete":true}
)";
  EXPECT_EQ(apply(deletion + covers), "+1 =0 -1");
}

TEST_F(FeedCompanyTest, TheGivenCompanyIsThatOfAllLines) {
  EXPECT_EQ(apply(kAcme, "bolt"),
            "feed:1: is of the company \"acme\", and the feed is said to be of \"bolt\"; a feed is "
            "of one company\n");
  EXPECT_EQ(
      apply(R"({"_table":"assessment_progress","_sequence":1,"attemptId":"t1","_delete":true})",
            "acme"),
      "+0 =0 -1");
}

TEST_F(FeedCompanyTest, AGivenCompanyIsInTheStoreOrInALine) {
  const std::string fresh = R"({"_table":"companies","_sequence":1,"id":"new","slug":"n","name":""}
)";
  EXPECT_EQ(apply(kDeletions, "new"),
            "error: feed: The store has no company \"new\", and no line brings it. Nothing of this "
            "file was kept.");
  EXPECT_EQ(apply(fresh + kDeletions, "new"), "+1 =5 -0");
}

TEST_F(FeedCompanyTest, TheOnlyCompanyOfAStoreNeedsNoName) {
  ExchangeStore alone;
  ASSERT_EQ(alone.import_text("companies.ndjson", R"({"id":"acme","slug":"a","name":""})"),
            "+1 =0 -0");
  ASSERT_EQ(alone.import_text("contracts.ndjson", R"({"id":"a1","companyId":"acme","name":""})"),
            "+1 =0 -0");
  write_file(alone.in("feed"), R"({"_table":"contracts","_sequence":1,"id":"a1","_delete":true})");
  EXPECT_EQ(import_changes(alone.database(), open_feed(alone.in("feed")).value(), {}, alone.clock())
                ->deleted,
            1u);
}

}  // namespace
}  // namespace matricula::exchange
