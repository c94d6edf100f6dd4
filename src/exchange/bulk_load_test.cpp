// Imports that are large beside what the table holds rebuild its indexes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "exchange/testing.h"
#include "records/find_problems.h"
#include "records/limits.h"

namespace matricula::exchange {
namespace {

class BulkLoad : public testing::Test {
 protected:
  static constexpr std::size_t kPeople = 101;
  static constexpr std::size_t kPrograms = records::kBulkRecordsMin / 100;

  void SetUp() override {
    ASSERT_EQ(take("companies", "{\"id\":\"c\",\"slug\":\"c\",\"name\":\"C\"}\n"), "+1 =0 -0");
    std::string users;
    for (std::size_t i = 0; i < kPeople; ++i) {
      users +=
          fmt::format(R"({{"id":"{}","email":"p{}@example.com","firstName":"F","lastName":"L"}})"
                      "\n",
                      person(i), i);
    }
    ASSERT_EQ(take("users", users), fmt::format("+{} =0 -0", kPeople));
    schema_ = schema();
  }

  static std::string person(std::size_t number) {
    return fmt::format("00000000-0000-4000-8000-{:012}", number * 7919 % 1'000'003);
  }
  static std::string progress(std::size_t hours) {
    std::string text;
    for (std::size_t program = 0; program < kPrograms; ++program) {
      for (std::size_t i = 0; i < kPeople; ++i) {
        text += fmt::format(
            R"({{"companyId":"c","userId":"{}","programKey":"k{}","programVersion":"1","programType":"COURSE","enrollmentStatus":"ENROLLED","enrolledAt":"2025-06-01T08:00:00Z","learnerHours":{},"completionPercentage":0,"projectsRequiredTotal":0,"projectsRequiredCompleted":0,"onTrackStatus":"ON_TRACK","updatedAt":"2025-06-02T08:00:00Z"}})"
            "\n",
            person(i), program, hours);
      }
    }
    return text;
  }

  std::string take(const std::string& name, std::string_view text) {
    return store_.import_text(name + ".ndjson", text);
  }
  std::string schema() { return store_.select("SELECT sql FROM sqlite_schema ORDER BY name"); }
  void expect_sound() {
    EXPECT_EQ(schema(), schema_);
    EXPECT_EQ(store_.database().check().value(), std::vector<std::string>{});
    const auto session = store_.database().open_reader().value();
    ASSERT_TRUE(session->begin_snapshot());
    EXPECT_EQ(records::find_problems(*session).value(), std::vector<std::string>{});
    session->end_snapshot();
  }

  ExchangeStore store_;
  std::string schema_;
};

TEST_F(BulkLoad, LeavesEachIndexWithEachRow) {
  const std::size_t rows = kPrograms * kPeople;
  // A reader whose statement was prepared over the indexes of before.
  const auto reader = store_.database().open_reader().value();
  const storage::Statement count(
      "SELECT count(*) FROM program_progress INDEXED BY program_progress_by_email WHERE company_id "
      "= 'c'");
  const auto counted = [&] {
    const auto found = reader->query(count, {}).value();
    EXPECT_TRUE(found->next().value());
    return found->integer(0);
  };
  EXPECT_EQ(counted(), 0);
  EXPECT_EQ(take("program_progress", progress(1)), fmt::format("+{} =0 -0", rows));
  EXPECT_EQ(counted(), static_cast<std::int64_t>(rows));
  expect_sound();
  EXPECT_EQ(take("program_progress", progress(1)), fmt::format("+0 ={} -0", rows));
  expect_sound();
}

TEST_F(BulkLoad, ThatIsRefusedLeavesTheIndexesOfBefore) {
  std::string text = progress(1);
  text += R"({"companyId":"c","userId":"ffffffff-0000-4000-8000-000000000000","programKey":"k"})";
  EXPECT_NE(take("program_progress", text).find("program_progress.ndjson:"), std::string::npos);
  EXPECT_EQ(store_.select("SELECT count(*) FROM program_progress"), "0");
  expect_sound();
}

}  // namespace
}  // namespace matricula::exchange
