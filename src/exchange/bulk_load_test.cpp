// Imports that change much of a table rebuild its indexes.
#include "records/bulk_load.h"

#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "exchange/record.h"
#include "exchange/record_reader.h"
#include "exchange/testing.h"
#include "records/find_problems.h"
#include "records/limits.h"

namespace matricula::exchange {
namespace {

class BulkLoadTest : public testing::Test {
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
  static std::string progress_of(std::string_view user, std::string_view program,
                                 std::size_t hours) {
    return fmt::format(
        R"({{"companyId":"c","userId":"{}","programKey":"{}","programVersion":"1","programType":"COURSE","enrollmentStatus":"ENROLLED","enrolledAt":"2025-06-01T08:00:00Z","learnerHours":{},"completionPercentage":0,"projectsRequiredTotal":0,"projectsRequiredCompleted":0,"onTrackStatus":"ON_TRACK","updatedAt":"2025-06-02T08:00:00Z"}})",
        user, program, hours);
  }
  static std::string progress(std::size_t hours, std::size_t programs = kPrograms) {
    std::string text;
    for (std::size_t program = 0; program < programs; ++program) {
      for (std::size_t i = 0; i < kPeople; ++i) {
        text += progress_of(person(i), fmt::format("k{}", program), hours) + '\n';
      }
    }
    return text;
  }

  std::string take(const std::string& name, std::string_view text) {
    return store_.import_text(name + ".ndjson", text);
  }
  // How often this process has written to files.
  static std::int64_t writes() {
    std::ifstream io("/proc/self/io");
    for (std::string name; io >> name;) {
      std::int64_t value = 0;
      io >> value;
      if (name == "syscw:") {
        return value;
      }
    }
    ADD_FAILURE() << "/proc/self/io has no line of syscw";
    return 0;
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

TEST_F(BulkLoadTest, LeavesEachIndexWithEachRow) {
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

TEST_F(BulkLoadTest, OfChangesLeavesEachIndexWithEachRow) {
  const std::size_t rows = kPrograms * kPeople;
  ASSERT_EQ(take("program_progress", progress(1)), fmt::format("+{} =0 -0", rows));
  EXPECT_EQ(take("program_progress", progress(2)), fmt::format("+{} =0 -0", rows));
  EXPECT_EQ(store_.select("SELECT count(*) FROM program_progress WHERE learner_hours = 2"),
            std::to_string(rows));
  expect_sound();
}

// While rows are written one by one, what each statement keeps for its own undoing is in memory.
TEST_F(BulkLoadTest, RowsAreNotWrittenToTemporaryFilesBesideTheStore) {
  const std::size_t rows = kPrograms * kPeople;
  const std::int64_t before_load = writes();
  ASSERT_EQ(take("program_progress", progress(1)), fmt::format("+{} =0 -0", rows));
  EXPECT_LT(writes() - before_load, static_cast<std::int64_t>(rows));
  const std::int64_t before_changes = writes();
  ASSERT_EQ(take("program_progress", progress(2, kPrograms / 3)),
            fmt::format("+{} =0 -0", kPrograms / 3 * kPeople));
  EXPECT_LT(writes() - before_changes, static_cast<std::int64_t>(rows));
  expect_sound();
}

TEST_F(BulkLoadTest, IndexesAreRebuiltWhereMuchOfTheTableChanges) {
  const records::Entity& entity = *records::find_entity("program_progress");
  const std::size_t rows = kPrograms * kPeople;
  ASSERT_EQ(take("program_progress", progress(1)), fmt::format("+{} =0 -0", rows));
  const auto session = store_.database().open_reader().value();
  // A record of which every `unchanged_of`th is as it is stored.
  const auto is_better = [&](std::size_t records, std::size_t unchanged_of) {
    records::BulkLoad load(entity);
    RecordReader reader(entity);
    Record record;
    for (std::size_t i = 0; i < records; ++i) {
      const bool is_same = unchanged_of != 0 && i / records::kRecordsPerSample % unchanged_of == 0;
      std::string line = progress_of(person(0), "k0", is_same ? 1 : 2);
      line.reserve(line.size() + simdjson::SIMDJSON_PADDING);
      EXPECT_TRUE(reader.read(line, record));
      EXPECT_TRUE(load.sample(*session, record.values));
    }
    return load.is_better_rebuilt(*session).value();
  };
  EXPECT_TRUE(is_better(records::kBulkRecordsMin, 0));
  EXPECT_FALSE(is_better(records::kBulkRecordsMin - 1, 0));
  EXPECT_FALSE(is_better(records::kBulkRecordsMin, 1));
  EXPECT_TRUE(is_better(records::kBulkRecordsMin, 3));
}

TEST_F(BulkLoadTest, ThatIsRefusedLeavesTheIndexesOfBefore) {
  std::string text = progress(1);
  text += R"({"companyId":"c","userId":"ffffffff-0000-4000-8000-000000000000","programKey":"k"})";
  EXPECT_NE(take("program_progress", text).find("program_progress.ndjson:"), std::string::npos);
  EXPECT_EQ(store_.select("SELECT count(*) FROM program_progress"), "0");
  expect_sound();
}

}  // namespace
}  // namespace matricula::exchange
