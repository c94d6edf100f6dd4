// Lists in memory that several threads read while the store is written to.
#include <atomic>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <thread>

#include "tests/cases/model_data.h"
#include "tests/cases/read_model_world.h"
#include "tests/cases/world.h"

namespace matricula::cases {
namespace {

constexpr const char* kEndpoint = "program-progress";

// One transaction at a time gives all of a company's rows the same hours, more each time.
class Hours {
 public:
  explicit Hours(int rows) : rows_(rows) {}
  std::vector<std::string> lines(int hours) const {
    std::vector<std::string> all;
    all.reserve(static_cast<std::size_t>(rows_));
    for (int row = 0; row < rows_; ++row) {
      all.push_back(fmt::format(
          R"({{"companyId":"2","userId":"00000000-0000-4000-8000-0000000000{:02x}","programKey":"h","programVersion":"1","programType":"PART","enrollmentStatus":"ENROLLED","enrolledAt":"2025-01-01T00:00:00Z","learnerHours":{},"completionPercentage":1,"projectsRequiredTotal":4,"projectsRequiredCompleted":1,"onTrackStatus":"ON_TRACK"}})",
          row, hours));
    }
    return all;
  }
  // The hours of an answer, which has each row once.
  void check(const std::string& body, int least) const {
    constexpr std::string_view kMark = "\"learnerHours\":";
    int rows = 0;
    int hours = -1;
    for (std::size_t at = body.find(kMark); at != std::string::npos;
         at = body.find(kMark, at + 1)) {
      const int each = std::atoi(body.c_str() + at + kMark.size());
      ASSERT_TRUE(hours == -1 || each == hours) << "a mix: " << body;
      hours = each;
      ++rows;
    }
    ASSERT_EQ(rows, rows_) << body;
    ASSERT_GE(hours, least) << "stale";
  }

 private:
  const int rows_;
};

constexpr unsigned kReaders = 3;

class ReadModelThreads : public testing::TestWithParam<std::tuple<Engine, int>> {};

// What was acknowledged before a request began is in its answer, whole, whoever refreshes.
TEST_P(ReadModelThreads, NoReaderSeesAMixOrAnOlderState) {
  const auto& [engine, rows] = GetParam();
  const storage::TempDirectory directory;
  const storage::TempDirectory files;
  std::mt19937 random(3);
  write_model_data(directory.path(), [&](std::size_t bound) { return random() % bound; });
  World world(directory.path(), options_in_memory(kReaders), engine);
  const Hours hours(rows);
  const std::string file = files.file("program_progress.ndjson");
  std::atomic<int> acknowledged{0};
  std::atomic<bool> is_over{false};
  const auto write = [&](int value) {
    {
      std::ofstream out(file, std::ios::trunc);
      for (const std::string& line : hours.lines(value)) {
        out << line << '\n';
      }
    }
    world.import(std::span(&file, 1));
    acknowledged = value;
  };
  write(1);
  const std::map<std::string, std::string> headers{
      {"Content-Type", "application/json"}, {"Authorization", "Token " + world.token_for("2")}};
  const std::string documents[] = {
      body_of("{ programProgress(input: {first: 100, filter: {programKeys: [\"h\"]}}) { totalCount"
              " edges { node { learnerHours } } } }"),
      body_of("{ programProgress(input: {last: 100, orderBy: COMPLETION_PERCENTAGE, filter:"
              " {programKeys: [\"h\"]}}) { edges { node { learnerHours } } } }")};
  world.send("POST", kEndpoint, headers, "", documents[0]);
  world.pipeline().read_model()->wait_until_idle();
  std::vector<std::thread> readers;
  for (unsigned reader = 0; reader < kReaders; ++reader) {
    readers.emplace_back([&, reader] {
      for (unsigned i = reader; !is_over && !testing::Test::HasFatalFailure(); ++i) {
        const int least = acknowledged;
        const Answer answer = world.send_on(reader, kEndpoint, headers, documents[i % 2]);
        ASSERT_EQ(answer.status, 200) << answer.body;
        hours.check(answer.body, least);
      }
    });
  }
  for (int value = 2; value < 60; ++value) {
    write(value);
    std::this_thread::sleep_for(std::chrono::milliseconds(value % 7));
    if (value % 10 == 0) {
      world.pipeline().read_model()->wait_until_idle();
    }
  }
  is_over = true;
  for (std::thread& reader : readers) {
    reader.join();
  }
  EXPECT_GT(world.pipeline().read_model()->stats().hits, 0U);
}

INSTANTIATE_TEST_SUITE_P(Stores, ReadModelThreads,
                         testing::Combine(testing::Values(Engine::kSqlite, Engine::kPostgres),
                                          testing::Values(10, 55)),
                         [](const auto& each) {
                           return (std::get<0>(each.param) == Engine::kSqlite ? "sqlite_"
                                                                              : "postgres_") +
                                  std::to_string(std::get<1>(each.param)) + "_rows";
                         });

}  // namespace
}  // namespace matricula::cases
