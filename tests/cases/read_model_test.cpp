// Lists in memory against those of the tables, the same bytes, while the store is written to.
#include <atomic>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <thread>

#include "base/escape.h"
#include "json/value.h"
#include "json/writer.h"
#include "tests/cases/model_data.h"
#include "tests/cases/world.h"

namespace matricula::cases {
namespace {

constexpr std::uint64_t kMemoryBytes = std::uint64_t{64} * 1024 * 1024;
constexpr const char* kEndpoint = "program-progress";

pipeline::PipelineOptions options_in_memory(unsigned loops) {
  pipeline::PipelineOptions options;
  options.rate_limit = 0;
  options.loops = loops;
  options.read_model_bytes = kMemoryBytes;
  return options;
}

std::string body_of(const std::string& document) {
  std::string body = "{\"query\":";
  json::append_string(body, document);
  return body + "}";
}

class ReadModelTest : public testing::TestWithParam<Engine> {
 protected:
  explicit ReadModelTest(std::uint32_t seed = 20'261'129)
      : random_(seed), pick_([this](std::size_t bound) { return random_() % bound; }) {
    lists_ = write_model_data(directory_.path(), pick_);
    world_ = std::make_unique<World>(directory_.path(), options_in_memory(1), GetParam());
  }

  std::map<std::string, std::string> headers(const std::string& company) {
    return {{"Content-Type", "application/json"},
            {"Authorization", "Token " + world_->token_for(company)}};
  }
  // The answer from memory, which is to be that of the tables.
  std::string same_answer(const std::string& company, const std::string& document) {
    const std::string body = body_of(document);
    const Answer answer = world_->send("POST", kEndpoint, headers(company), "", body);
    const Answer expected = world_->send_to_tables(kEndpoint, headers(company), body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.body, expected.body) << company << " " << document;
    return answer.body;
  }
  readmodel::ReadModel& model() { return *world_->pipeline().read_model(); }

  // A file of these lines, imported as one transaction.
  void import(const std::string& entity, const std::vector<std::string>& lines) {
    const std::string file = files_.file(entity + ".ndjson");
    {
      std::ofstream out(file, std::ios::trunc);
      for (const std::string& line : lines) {
        out << line << '\n';
      }
    }
    world_->import(std::span(&file, 1));
  }

  std::string user() { return fmt::format("00000000-0000-4000-8000-0000000000{:02x}", pick_(60)); }
  std::string enrolment(const std::string& company) {
    static constexpr const char* kStatuses[] = {"ENROLLED", "GRADUATED", "UNENROLLED"};
    static constexpr const char* kTracks[] = {"ON_TRACK", "OFF_TRACK", "GRADUATED"};
    return fmt::format(
        R"({{"companyId":"{}","userId":"{}","programKey":"p{}","programVersion":"{}","programType":"PART","enrollmentStatus":"{}","enrolledAt":"2025-01-0{}T00:00:00.{:06}Z","learnerHours":{},"completionPercentage":{},"projectsRequiredTotal":4,"projectsRequiredCompleted":{},"onTrackStatus":"{}"{}}})",
        company, user(), pick_(9), pick_(3), kStatuses[pick_(3)], 1 + pick_(5), pick_(1'000'000),
        static_cast<double>(pick_(9)) / 3, static_cast<double>(pick_(1'000)) / 10, pick_(5),
        kTracks[pick_(3)], pick_(2) == 0 ? "" : R"(,"lastActiveAt":"2025-01-02T03:04:05Z")");
  }
  void write();
  std::string random_document(const std::string& company);
  void keep_cursors(const std::string& order, const std::string& answer);

  storage::TempDirectory directory_;
  storage::TempDirectory files_;
  std::mt19937 random_;
  Pick pick_;
  std::vector<ModelList> lists_;
  std::unique_ptr<World> world_;
  std::map<std::string, std::vector<std::string>> cursors_;  // by order
};

// Some write: progress, deletes, names and addresses, titles, or nothing of this list.
void ReadModelTest::write() {
  std::vector<std::string> lines;
  const std::string company = pick_(4) == 0 ? "2" : "1";
  switch (pick_(7)) {
    case 0:
    case 1:
      for (std::size_t n = 1 + pick_(6); n > 0; --n) {
        lines.push_back(enrolment(company));
      }
      import("program_progress", lines);
      break;
    case 2:
      for (int n = 0; n < 120; ++n) {
        lines.push_back(enrolment(company));
      }
      import("program_progress", lines);
      break;
    case 3:
      for (std::size_t n = 1 + pick_(20); n > 0; --n) {
        lines.push_back(
            fmt::format(R"({{"_delete":true,"companyId":"{}","userId":"{}","programKey":"p{}"}})",
                        company, user(), pick_(9)));
      }
      import("program_progress", lines);
      break;
    case 4: {
      const std::size_t who = pick_(60);
      import(
          "users",
          {fmt::format(
              R"({{"id":"00000000-0000-4000-8000-0000000000{:02x}","email":"{}{}@y.example","firstName":"{}","lastName":"{}"}})",
              who, pick_(2) == 0 ? "Ann" : "zed", who, pick_(2) == 0 ? "Élodie \\\"E\\\"" : "Bo",
              pick_(2) == 0 ? "Ng" : "Ångström")});
      break;
    }
    case 5:
      import(
          "programs",
          {fmt::format(
              R"({{"key":"p{}","locale":"en-us","version":1,"type":"COURSE","title":"Title {}","summary":"","syllabusUrl":"https://x.example","imageUrl":"https://x.example","redirectUrl":"https://x.example","duration":"P1D","modifiedDate":"2025-01-01T00:00:00Z","skillNames":[]}})",
              pick_(9), pick_(4))});
      break;
    default:
      import("companies", {fmt::format(R"({{"id":"2","slug":"two","name":"Two {}"}})", pick_(99))});
  }
}

std::string ReadModelTest::random_document(const std::string& company) {
  const ModelList& list = lists_.front();
  const std::string order = list.orders[pick_(list.orders.size())].name;
  std::string input =
      fmt::format("orderBy: {}, order: {}, {}: {}", order, pick_(2) == 0 ? "DESC" : "ASC",
                  pick_(2) == 0 ? "last" : "first", 1 + pick_(pick_(3) == 0 ? 300 : 12));
  const std::vector<std::string>& known = cursors_[order];
  for (const char* name : {"after", "before"}) {
    if (!known.empty() && pick_(3) == 0) {
      input += fmt::format(", {}: \"{}\"", name, known[pick_(known.size())]);
    }
  }
  if (const ModelNarrowing narrowing = random_narrowing(list, pick_); !narrowing.input.empty()) {
    input += ", " + narrowing.input;
  }
  static constexpr const char* kSelections[] = {
      "totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor "
      "node {"
      " userId userEmail userFirstName userLastName enrollmentStatus enrolledAt unenrolledAt"
      " graduatedAt completedAt programKey programVersion programType lastActiveAt learnerHours"
      " completionPercentage projectsRequiredTotal projectsRequiredCompleted onTrackStatus"
      " learningPlanId programTitle updatedAt } }",
      "totalCount", "edges { node { __typename userEmail } }",
      "pageInfo { hasNextPage hasPreviousPage } totalCount"};
  const std::string selection = kSelections[pick_(2) == 0 ? 0 : pick_(4)];
  const std::string field =
      fmt::format("programProgress(input: {{{}}}) {{ {} }}", input, selection);
  // Several lists are read in one snapshot.
  std::string document =
      pick_(6) == 0 ? fmt::format("{{ a: {0} b: {0} }}", field) : fmt::format("{{ {} }}", field);
  keep_cursors(order, same_answer(company, document));
  return document;
}

void ReadModelTest::keep_cursors(const std::string& order, const std::string& answer) {
  constexpr std::string_view kMark = "\"cursor\":\"";
  for (std::size_t at = answer.find(kMark); at != std::string::npos;
       at = answer.find(kMark, at + 1)) {
    const std::size_t begin = at + kMark.size();
    if (pick_(10) == 0) {
      cursors_[order].push_back(answer.substr(begin, answer.find('"', begin) - begin));
    }
  }
}

TEST_P(ReadModelTest, AnswersAreThoseOfTheTablesWhileTheStoreIsWrittenTo) {
  for (int round = 0; round < 40 && !HasFailure(); ++round) {
    for (int request = 0; request < 8 && !HasFailure(); ++request) {
      random_document(pick_(4) == 0 ? "2" : "1");
    }
    if (pick_(2) == 0) {
      model().wait_until_idle();
    }
    write();
  }
  const readmodel::ReadModelStats stats = model().stats();
  EXPECT_EQ(stats.companies, 2U);
  EXPECT_GT(stats.hits, 100U);
  EXPECT_GT(stats.refreshes, 5U);
  EXPECT_GE(stats.loads, 2U);
  EXPECT_GT(stats.catch_ups, 0U);
}

TEST_P(ReadModelTest, ACompanyThatIsGoneHasNoRows) {
  const std::string document =
      "{ programProgress(input: {first: 3}) { totalCount edges { cursor } } }";
  same_answer("1", document);
  model().wait_until_idle();
  EXPECT_NE(same_answer("1", document).find("cursor"), std::string::npos);
  std::vector<std::string> lines;
  for (int user = 0; user < 60; ++user) {
    for (int program = 0; program < 9; ++program) {
      lines.push_back(fmt::format(
          R"({{"_delete":true,"companyId":"1","userId":"00000000-0000-4000-8000-0000000000{:02x}","programKey":"p{}"}})",
          user, program));
    }
  }
  import("program_progress", lines);
  EXPECT_EQ(same_answer("1", document).find("cursor"), std::string::npos);
  model().wait_until_idle();
  EXPECT_EQ(same_answer("1", document).find("cursor"), std::string::npos);
}

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

INSTANTIATE_TEST_SUITE_P(Stores, ReadModelTest, testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& each) {
                           return each.param == Engine::kSqlite ? "sqlite" : "postgres";
                         });

}  // namespace
}  // namespace matricula::cases
