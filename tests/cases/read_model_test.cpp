// Lists in memory against those of the tables, the same bytes, while the store is written to.
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <random>

#include "base/escape.h"
#include "json/value.h"
#include "tests/cases/model_data.h"
#include "tests/cases/read_model_world.h"
#include "tests/cases/world.h"

namespace matricula::cases {
namespace {

constexpr const char* kEndpoint = "program-progress";
// All that can be selected of the nodes of a list, by its root.
const std::map<std::string, std::string> kNodes = {
    {"programProgress",
     "userId userEmail userFirstName userLastName enrollmentStatus enrolledAt unenrolledAt"
     " graduatedAt completedAt programKey programVersion programType lastActiveAt learnerHours"
     " completionPercentage projectsRequiredTotal projectsRequiredCompleted onTrackStatus"
     " learningPlanId programTitle updatedAt"},
    {"assessmentProgress",
     "userId assessmentId attemptId assessmentStatus assessmentResult assessmentReport createdAt"
     " updatedAt userEmail assessmentTitle learningPlanId"},
    {"learningPlanProgress",
     "userId planId subscriptionStatus requiredStepsTotal requiredStepsCompleted"
     " assessmentsComplete startedAt lastActiveAt completedAt createdAt updatedAt userEmail"
     " planTitle"}};

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
  std::string same_answer(const std::string& company, const std::string& document,
                          const std::string& endpoint = kEndpoint) {
    const std::string body = body_of(document);
    const Answer answer = world_->send("POST", endpoint, headers(company), "", body);
    const Answer expected = world_->send_to_tables(endpoint, headers(company), body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.body, expected.body) << company << " " << document;
    return answer.body;
  }
  readmodel::ReadModel& model() { return *world_->pipeline().read_model(); }

  // A file of these lines, imported as one transaction.
  void import_records(const std::string& entity, const std::vector<std::string>& lines) {
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
  std::string attempt(const std::string& company) {
    static constexpr const char* kReports[] = {R"(,"assessmentReport":"all \"well\"\nélan")",
                                               R"(,"assessmentReport":"")", ""};
    static constexpr const char* kResults[] = {R"(,"assessmentResult":"passed")",
                                               R"(,"assessmentResult":"")", ""};
    return fmt::format(
        R"({{"companyId":"{}","attemptId":"t{}","assessmentId":"a{}","assessmentStatus":"{}","createdAt":"2025-01-0{}T00:00:00Z"{}{}{}}})",
        company, pick_(200), pick_(3), pick_(2) == 0 ? "completed" : "begun", 1 + pick_(5),
        pick_(4) == 0 ? "" : fmt::format(R"(,"userId":"{}")", user()), kReports[pick_(3)],
        kResults[pick_(3)]);
  }
  std::string subscription() {
    static constexpr const char* kStatuses[] = {"ACTIVE", "HIDDEN", "INACTIVE"};
    return fmt::format(
        R"({{"companyId":"1","planId":"lp{}","userId":"{}","subscriptionStatus":"{}","requiredStepsTotal":3,"requiredStepsCompleted":{},"assessmentsComplete":{},"createdAt":"2025-01-01T00:00:00Z"{}}})",
        1 + pick_(2), user(), kStatuses[pick_(3)], pick_(4), pick_(3),
        pick_(2) == 0 ? "" : R"(,"lastActiveAt":"2025-01-03T00:00:00Z")");
  }
  std::vector<std::string> several(std::size_t most, const std::function<std::string()>& line) {
    std::vector<std::string> lines;
    for (std::size_t n = 1 + pick_(most); n > 0; --n) {
      lines.push_back(line());
    }
    return lines;
  }

  void write();
  void write_of_other_lists();
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
  switch (pick_(12)) {
    case 0:
    case 1:
      import_records("program_progress", several(6, [&] { return enrolment(company); }));
      break;
    case 2:
      for (int n = 0; n < 120; ++n) {
        lines.push_back(enrolment(company));
      }
      import_records("program_progress", lines);
      break;
    case 3:
      for (std::size_t n = 1 + pick_(20); n > 0; --n) {
        lines.push_back(
            fmt::format(R"({{"_delete":true,"companyId":"{}","userId":"{}","programKey":"p{}"}})",
                        company, user(), pick_(9)));
      }
      import_records("program_progress", lines);
      break;
    case 4: {
      const std::size_t who = pick_(60);
      import_records(
          "users",
          {fmt::format(
              R"({{"id":"00000000-0000-4000-8000-0000000000{:02x}","email":"{}{}@y.example","firstName":"{}","lastName":"{}"}})",
              who, pick_(2) == 0 ? "Ann" : "zed", who, pick_(2) == 0 ? "Élodie \\\"E\\\"" : "Bo",
              pick_(2) == 0 ? "Ng" : "Ångström")});
      break;
    }
    case 5:
      import_records(
          "programs",
          {fmt::format(
              R"({{"key":"p{}","locale":"en-us","version":1,"type":"COURSE","title":"Title {}","summary":"","syllabusUrl":"https://x.example","imageUrl":"https://x.example","redirectUrl":"https://x.example","duration":"P1D","modifiedDate":"2025-01-01T00:00:00Z","skillNames":[]}})",
              pick_(9), pick_(4))});
      break;
    case 6:
      import_records("companies",
                     {fmt::format(R"({{"id":"2","slug":"two","name":"Two {}"}})", pick_(99))});
      break;
    default:
      write_of_other_lists();
  }
}

// Attempts, which move from company to company, too, subscriptions, and the titles they show.
void ReadModelTest::write_of_other_lists() {
  const std::string company = pick_(4) == 0 ? "2" : "1";
  switch (pick_(7)) {
    case 0:
      import_records("assessment_progress", several(6, [&] { return attempt(company); }));
      break;
    case 1:
      import_records("assessment_progress", several(90, [&] { return attempt(company); }));
      break;
    case 2:
      import_records("assessment_progress", several(9, [&] {
                       return fmt::format(R"({{"_delete":true,"attemptId":"t{}"}})", pick_(200));
                     }));
      break;
    case 3:
      import_records("learning_plan_progress",
                     several(pick_(2) == 0 ? 5 : 60, [&] { return subscription(); }));
      break;
    case 4:
      import_records("learning_plan_progress", several(9, [&] {
                       return fmt::format(R"({{"_delete":true,"planId":"lp{}","userId":"{}"}})",
                                          1 + pick_(2), user());
                     }));
      break;
    case 5:
      import_records(
          "learning_plans",
          {fmt::format(
              R"({{"id":"lp{}","companyId":"1","title":"Plan {}","key":"k","slug":"s","steps":[]}})",
              1 + pick_(2), pick_(5))});
      break;
    default:
      import_records(
          "assessments",
          {fmt::format(
              R"({{"id":"a{}","title":"Test \"{}\"","category":"PRACTICE","isTimed":false,"totalQuestionsInAssessment":1}})",
              pick_(3), pick_(5))});
  }
}

std::string ReadModelTest::random_document(const std::string& company) {
  const ModelList& list = lists_[pick_(2) == 0 ? 0 : pick_(lists_.size())];
  const std::string order = list.orders[pick_(list.orders.size())].name;
  std::string input = list.fixed_input + fmt::format("orderBy: {}, order: {}, {}: {}", order,
                                                     pick_(2) == 0 ? "DESC" : "ASC",
                                                     pick_(2) == 0 ? "last" : "first",
                                                     1 + pick_(pick_(3) == 0 ? 300 : 12));
  const std::vector<std::string>& known = cursors_[list.root + order];
  for (const char* name : {"after", "before"}) {
    if (!known.empty() && pick_(3) == 0) {
      input += fmt::format(", {}: \"{}\"", name, known[pick_(known.size())]);
    }
  }
  if (const ModelNarrowing narrowing = random_narrowing(list, pick_); !narrowing.input.empty()) {
    input += ", " + narrowing.input;
  }
  const std::string selections[] = {
      fmt::format("totalCount pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} "
                  "edges {{ cursor node {{ {} }} }}",
                  kNodes.at(list.root)),
      "totalCount", "edges { node { __typename userId } }",
      "pageInfo { hasNextPage hasPreviousPage } totalCount"};
  const std::string selection = selections[pick_(2) == 0 ? 0 : pick_(4)];
  const std::string field = fmt::format("{}(input: {{{}}}) {{ {} }}", list.root, input, selection);
  // Several lists are read in one snapshot.
  std::string document =
      pick_(6) == 0 ? fmt::format("{{ a: {0} b: {0} }}", field) : fmt::format("{{ {} }}", field);
  keep_cursors(list.root + order,
               same_answer(list.companies.size() > 1 ? company : list.companies.front(), document,
                           list.endpoint));
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
  for (int round = 0; round < 90 && !HasFailure(); ++round) {
    for (int request = 0; request < 8 && !HasFailure(); ++request) {
      random_document(pick_(4) == 0 ? "2" : "1");
    }
    if (pick_(2) == 0) {
      model().wait_until_idle();
    }
    write();
  }
  const readmodel::ReadModelStats stats = model().stats();
  EXPECT_EQ(stats.lists, 5U);
  EXPECT_GT(stats.hits, 300U);
  EXPECT_GT(stats.refreshes, 20U);
  EXPECT_GE(stats.loads, 5U);
  EXPECT_GT(stats.catch_ups, 0U);
}

// Counts of searches are kept for the state that they are of, and for no other scope.
TEST_P(ReadModelTest, ACountOfASearchIsThatOfTheNewestState) {
  const std::vector<std::string> inputs = {
      R"(query: "ann")", R"(query: "n")", R"(query: "zed")",
      R"(query: "ann", filter: {enrollmentStatus: [ENROLLED]})",
      R"(query: "ann", filter: {enrollmentStatus: [GRADUATED]})"};
  same_answer("1", "{ programProgress { totalCount } }");
  model().wait_until_idle();
  for (int round = 0; round < 30 && !HasFailure(); ++round) {
    for (int again = 0; again < 2; ++again) {
      for (const std::string& input : inputs) {
        const std::string document = "{ programProgress(input: {" + input + "}) { totalCount } }";
        same_answer("1", document);
        same_answer("2", document);
      }
    }
    write();
  }
}

// Else each thread that has nothing to do would keep a list of a company that was evicted.
TEST_P(ReadModelTest, ARequestThatHasEndedHoldsNoState) {
  const std::string document = "{ programProgress { totalCount edges { cursor } } }";
  same_answer("1", document);
  model().wait_until_idle();
  const std::uint64_t hits = model().stats().hits;
  same_answer("1", document);
  EXPECT_GT(model().stats().hits, hits);
  int states = 0;
  for (std::size_t list = 0; list < 3; ++list) {
    if (const auto state = model().company(list, "1")->read().first) {
      EXPECT_EQ(state.use_count(), 2) << list;  // the list's, and this one
      ++states;
    }
  }
  EXPECT_EQ(states, 1);
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
  import_records("program_progress", lines);
  EXPECT_EQ(same_answer("1", document).find("cursor"), std::string::npos);
  model().wait_until_idle();
  EXPECT_EQ(same_answer("1", document).find("cursor"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Stores, ReadModelTest, testing::Values(Engine::kSqlite, Engine::kPostgres),
                         [](const auto& each) {
                           return each.param == Engine::kSqlite ? "sqlite" : "postgres";
                         });

}  // namespace
}  // namespace matricula::cases
