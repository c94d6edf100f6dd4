#include <fmt/format.h>
#include <gtest/gtest.h>

#include "exchange/testing.h"

// updatedAt of progress moves when a value that its node shows changes in another record.
namespace matricula::exchange {
namespace {

constexpr Timestamp kLater = 1'800'000'000'000'000;

class MovedRowsTest : public testing::Test {
 protected:
  void SetUp() override {
    store_.write_sample();
    ASSERT_EQ(store_.import({store_.in("")})->rejected(), 0u);
    before_ = times();
    store_.clock().set_calendar(kLater);
  }
  // Of program progress of acme and bolt, attempts t1 and t2, progress of plan p1; 1 for those that
  // moved to kLater, 0 for those that are as before.
  std::vector<std::string> times() {
    return {store_.select("SELECT updated_at FROM program_progress WHERE company_id = 'acme'"),
            store_.select("SELECT updated_at FROM program_progress WHERE company_id = 'bolt'"),
            store_.select("SELECT updated_at FROM assessment_progress WHERE attempt_id = 't1'"),
            store_.select("SELECT updated_at FROM assessment_progress WHERE attempt_id = 't2'"),
            store_.select("SELECT updated_at FROM learning_plan_progress")};
  }
  std::string moved() {
    const std::vector<std::string> now = times();
    std::string out;
    for (std::size_t i = 0; i < now.size(); ++i) {
      out += now[i] == before_[i] ? "0" : now[i] == std::to_string(kLater) ? "1" : "?";
    }
    return out;
  }
  // Imports the sample's file of this name with a part replaced.
  std::string change(const std::string& name, const std::string& from, const std::string& to) {
    std::string text = sample_files().at(name);
    text.replace(text.find(from), from.size(), to);
    return store_.import_text(name + ".ndjson", text);
  }

  ExchangeStore store_;
  std::vector<std::string> before_;
};

TEST_F(MovedRowsTest, WithANewAddressAllThatShowIt) {
  EXPECT_EQ(change("users", "Ada@Example.com", "new@example.com"), "+1 =1 -0");
  EXPECT_EQ(moved(), "11001");
}

TEST_F(MovedRowsTest, WithANewNameProgramProgressAlone) {
  EXPECT_EQ(change("users", "Lovelace", "King"), "+1 =1 -0");
  EXPECT_EQ(moved(), "11000");
}

TEST_F(MovedRowsTest, WithTheAddressOfAnotherPersonTheirAttempts) {
  EXPECT_EQ(change("users", "grace@example.com", "Grace@Example.com"), "+1 =1 -0");
  EXPECT_EQ(moved(), "00010");
}

TEST_F(MovedRowsTest, WithTheTitleOfTheLocaleThatDecides) {
  EXPECT_EQ(change("programs", "\"title\":\"Zeug\",\"summary\":\"\"",
                   "\"title\":\"Dinge\",\"summary\":\"\""),
            "+1 =1 -0");
  EXPECT_EQ(moved(), "00000");
  EXPECT_EQ(change("programs", "\"title\":\"Stuff\"", "\"title\":\"STUFF\""), "+2 =0 -0");
  EXPECT_EQ(moved(), "10000");
}

TEST_F(MovedRowsTest, WhenAnotherLocaleDecides) {
  EXPECT_EQ(
      store_.import_text("programs.ndjson", R"({"_delete":true,"key":"cd1","locale":"en-us"})"),
      "+0 =0 -1");
  EXPECT_EQ(moved(), "10000");
}

TEST_F(MovedRowsTest, WhenANamedProgramIsAddedOrRemoved) {
  std::string line = sample_files().at("programs");
  line.resize(line.find('\n') + 1);
  line.replace(line.find("cd1"), 3, "gone");
  EXPECT_EQ(store_.import_text("programs.ndjson", line), "+1 =0 -0");
  EXPECT_EQ(moved(), "01000");
}

TEST_F(MovedRowsTest, WithTheTitleOfAnAssessment) {
  EXPECT_EQ(change("assessments", "\"Quiz\"", "\"Exam\""), "+1 =1 -0");
  EXPECT_EQ(moved(), "00110");
  before_ = times();
  EXPECT_EQ(change("assessments", "\"passingScore\":80", "\"passingScore\":81"), "+1 =1 -0");
}

TEST_F(MovedRowsTest, WithTheTitleOfAPlan) {
  EXPECT_EQ(change("learning_plans", "\"Plan\"", "\"Scheme\""), "+1 =1 -0");
  EXPECT_EQ(moved(), "00001");
}

TEST_F(MovedRowsTest, NotWhenThePersonIsTheSameAfterwards) {
  std::string text = sample_files().at("users");
  std::string first = text.substr(0, text.find('\n') + 1);
  std::string renamed = first;
  renamed.replace(renamed.find("Lovelace"), 8, "King");
  EXPECT_EQ(store_.import_text("users.ndjson", renamed + first), "+2 =0 -0");
  EXPECT_EQ(moved(), "00000");
}

TEST_F(MovedRowsTest, ARecordBringsALaterTimeButNoEarlierOne) {
  EXPECT_EQ(change("users", "Lovelace", "King"), "+1 =1 -0");
  EXPECT_EQ(store_.import_text("program_progress.ndjson", sample_files().at("program_progress")),
            "+0 =2 -0");
  EXPECT_EQ(moved(), "11000");
  EXPECT_EQ(change("program_progress", "\"updatedAt\":\"2025-06-02T08:00:00Z\"",
                   "\"updatedAt\":\"2030-01-01T00:00:00Z\""),
            "+1 =1 -0");
  EXPECT_EQ(times()[0], "1893456000000000");
  EXPECT_EQ(times()[1], std::to_string(kLater));
}

TEST_F(MovedRowsTest, NeverBackWhateverTheClockDoes) {
  const auto without_time = [](std::string_view hours) {
    std::string line = sample_files().at("program_progress");
    line.resize(line.find('\n') + 1);
    line.replace(line.find(",\"updatedAt\""), std::string_view::npos, "}\n");
    line.replace(line.find("1.5"), 3, hours);
    return line;
  };
  EXPECT_EQ(store_.import_text("program_progress.ndjson", without_time("2")), "+1 =0 -0");
  store_.clock().set_calendar(kLater - kMicrosPerDay);
  EXPECT_EQ(store_.import_text("program_progress.ndjson", without_time("3")), "+1 =0 -0");
  EXPECT_EQ(change("users", "Lovelace", "King"), "+1 =1 -0");
  EXPECT_EQ(change("learning_plans", "\"Plan\"", "\"Scheme\""), "+1 =1 -0");
  const std::vector<std::string> now = times();
  EXPECT_EQ(now[0], std::to_string(kLater));
  EXPECT_EQ(now[4], std::to_string(kLater));
  // Each company has a time of its own.
  EXPECT_EQ(now[1], std::to_string(kLater - kMicrosPerDay));
  EXPECT_EQ(
      store_.select("SELECT count(*) FROM change_times a JOIN change_times b ON a.company_id = "
                    "b.company_id AND a.up_to < b.up_to AND a.changed_at > b.changed_at"),
      "0");
  store_.clock().set_calendar(kLater + 1);
  EXPECT_EQ(store_.import_text("program_progress.ndjson", without_time("4")), "+1 =0 -0");
  EXPECT_EQ(times()[0], std::to_string(kLater + 1));
}

TEST_F(MovedRowsTest, ATimeThatLiesAheadBecomesThatOfTheChange) {
  EXPECT_EQ(change("program_progress", "2025-06-02T08:00:00Z", "9999-12-31T23:59:59.999999Z"),
            "+1 =1 -0");
  EXPECT_EQ(change("users", "Lovelace", "King"), "+1 =1 -0");
  EXPECT_EQ(moved(), "11000");
}

}  // namespace
}  // namespace matricula::exchange
