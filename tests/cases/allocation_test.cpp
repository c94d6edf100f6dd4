#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <limits>

#include "base/within_memory.h"
#include "json/writer.h"
#include "tests/cases/world.h"
#include "tests/memory/failing_new.h"

namespace matricula::cases {
namespace {

// Both too many for a loop: handing a page over to a worker takes some allocations.
constexpr int kFewRows = 300;
constexpr int kManyRows = 900;

class DataFiles {
 public:
  explicit DataFiles(std::string directory) : directory_(std::move(directory)) {}
  void line(const char* entity, const std::string& text) {
    std::ofstream(directory_ + "/" + entity + ".ndjson", std::ios::app) << text << '\n';
  }

 private:
  std::string directory_;
};

std::string user_id(int number) {
  return fmt::format("00000000-0000-4000-8000-00000000{:04x}", number);
}

std::string progress_line(int user, int version) {
  return fmt::format(
      R"({{"companyId":"1","userId":"{}","programKey":"a-program-with-a-long-key","programVersion":"{}","programType":"COURSE","enrollmentStatus":"ENROLLED","enrolledAt":"2025-01-01T00:00:00.123456Z","learnerHours":1.25,"completionPercentage":5,"projectsRequiredTotal":4,"projectsRequiredCompleted":0,"onTrackStatus":"ON_TRACK"}})",
      user_id(user), version);
}

// Rows whose texts are too long to be kept within a string, in all four lists; a catalog of few
// programs by one contract and of many by another.
void write_rows(DataFiles files) {
  files.line("companies", R"({"id":"1","slug":"one","name":"One"})");
  files.line("contracts", R"({"id":"few","companyId":"1","name":"Few"})");
  files.line("contracts", R"({"id":"many","companyId":"1","name":"Many"})");
  files.line(
      "assessments",
      R"({"id":"an-assessment-with-a-long-id","title":"A title that is not short","category":"PRACTICE","isTimed":false,"totalQuestionsInAssessment":1})");
  files.line(
      "learning_plans",
      R"({"id":"lp","companyId":"1","title":"A plan with a long title, too","key":"k","slug":"s","steps":[]})");
  for (int i = 0; i < kManyRows + 1; ++i) {
    const std::string id = user_id(i);
    files.line(
        "users",
        fmt::format(
            R"({{"id":"{}","email":"somebody.with.a.long.address.{}@company.example","firstName":"A name that is long","lastName":"Another one that is longer"}})",
            id, i));
    files.line("program_progress", progress_line(i, 1));
    files.line(
        "assessment_progress",
        fmt::format(
            R"({{"companyId":"1","attemptId":"an-attempt-with-a-long-id-{0}","userId":"{1}","assessmentId":"an-assessment-with-a-long-id","assessmentStatus":"completed","assessmentReport":"{{\"note\":\"a report\"}}","createdAt":"2025-01-01T00:00:00Z"}})",
            i, id));
    files.line(
        "learning_plan_progress",
        fmt::format(
            R"({{"companyId":"1","planId":"lp","userId":"{}","subscriptionStatus":"ACTIVE","requiredStepsTotal":1,"requiredStepsCompleted":0,"assessmentsComplete":0,"createdAt":"2025-01-01T00:00:00Z"}})",
            id));
    files.line(
        "programs",
        fmt::format(
            R"({{"key":"a-program-with-a-long-key-{}","locale":"en-us","version":1,"type":"COURSE","title":"A title that is not short","summary":"A summary that is not short","syllabusUrl":"https://x.example","imageUrl":"https://x.example","redirectUrl":"https://x.example","duration":"P1D","modifiedDate":"2025-01-01T00:00:00Z","skillNames":["A skill with a long name","SQL"],"translations":[{{"language":"de","title":"Ein Titel, der lang ist"}}]}})",
            i));
    for (const char* contract : {"few", "many"}) {
      if (i < kFewRows || (i < kManyRows && contract[0] == 'm')) {
        files.line(
            "contract_programs",
            fmt::format(
                R"({{"contractId":"{}","programKey":"a-program-with-a-long-key-{}","launchUrl":"https://x.example/launch"}})",
                contract, i));
      }
    }
  }
}

struct List {
  const char* endpoint;
  const char* document;  // takes $n, or $c
};

constexpr List kLists[] = {
    {"program-progress",
     "query Q($n: Int) { programProgress(input: {first: $n}) { pageInfo { endCursor } edges {"
     " cursor node { userId userEmail userFirstName userLastName enrolledAt learnerHours"
     " programKey programTitle lastActiveAt } } } }"},
    {"assessment-progress",
     "query Q($n: Int) { assessmentProgress(input: {first: $n}) { pageInfo { endCursor } edges {"
     " cursor node { userId assessmentId attemptId assessmentStatus assessmentResult"
     " assessmentReport createdAt userEmail assessmentTitle } } } }"},
    {"learning-plan-progress",
     "query Q($n: Int) { learningPlanProgress(input: {planId: \"lp\", last: $n}) { pageInfo {"
     " startCursor } edges { cursor node { userId planId subscriptionStatus requiredStepsTotal"
     " createdAt userEmail planTitle } } } }"},
    {"catalog",
     "query Q($c: ID) { catalog(contractId: $c) { programs { key version locale title summary"
     " duration modifiedDate ssoLaunchLinksByContract { contractId launchUrl } skillNames"
     " translations { language title major } } } }"},
};

std::uint64_t allocations_of(World& world, const List& list, int rows) {
  const Case request{
      .title = "page",
      .method = "POST",
      .endpoint = list.endpoint,
      .words = {{"token", "1"}},
      .document = list.document,
      .variables = std::string_view(list.endpoint) == "catalog"
                       ? fmt::format(R"({{"c":"{}"}})", rows == kFewRows ? "few" : "many")
                       : fmt::format(R"({{"n":{}}})", rows)};
  // The catalog is made on a worker: each may have to grow its buffers first.
  for (int i = 0; i < 12; ++i) {
    world.run(request);
  }
  // Some requests pay for what serves many: a block of a queue, a tick of a timer. None of that is
  // in the cheapest.
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  for (int i = 0; i < 12; ++i) {
    const std::uint64_t before = allocations();
    const Answer answer = world.run(request);
    least = std::min(least, allocations() - before);
    EXPECT_EQ(answer.status, 200);
    EXPECT_GT(answer.body.size(), static_cast<std::size_t>(rows) * 200) << answer.body;
  }
  return least;
}

// A world of these rows without limits, with one worker.
class Allocation : public testing::Test {
 protected:
  explicit Allocation(std::uint64_t read_model_bytes = 0)
      : world_(filled(directory_), options(read_model_bytes)) {}

  static pipeline::PipelineOptions options(std::uint64_t read_model_bytes) {
    pipeline::PipelineOptions options;
    options.rate_limit = 0;
    options.pool.workers = 1;
    options.read_model_bytes = read_model_bytes;
    return options;
  }
  static const std::string& filled(const storage::TempDirectory& directory) {
    write_rows(DataFiles(directory.path()));
    return directory.path();
  }

  const storage::TempDirectory directory_;
  World world_;
};

TEST_F(Allocation, ACachedOperationAllocatesNothingForEachRow) {
  for (const List& list : kLists) {
    SCOPED_TRACE(list.endpoint);
    // A list is handed over to a worker and back, which takes one allocation more or less as
    // threads meet; 600 rows more take none.
    EXPECT_NEAR(static_cast<double>(allocations_of(world_, list, kManyRows)),
                static_cast<double>(allocations_of(world_, list, kFewRows)), 1);
  }
}

// What takes the ways of a loop and of workers, from memory that is cached and from the store.
constexpr const char* kRequests[] = {
    "{ programProgress(input: {first: 2}) { edges { node { userEmail programVersion } } } }",
    "{ programProgress(input: {first: 3, query: \"some\"}) { totalCount edges { cursor } } }",
    "{ a: programProgress(input: {first: 1}) { totalCount } b: programProgress(input: {last: 1}) "
    "{ pageInfo { hasPreviousPage } } }",
    "{ __schema { types { name } } }",
};

// Sends requests while memory runs out.
class Shortage : public Allocation {
 protected:
  explicit Shortage(std::uint64_t read_model_bytes = 0) : Allocation(read_model_bytes) {}

  Answer send(const std::string& body) {
    return world_.send_on(
        0, "program-progress",
        {{"Content-Type", "application/json"}, {"Authorization", "Token " + world_.token_for("1")}},
        body);
  }

  // Sends `body` again and again, and lets `failures` allocations fail, from a later one each time,
  // until the answer takes no more. Before each failure `prepare` is called. Gives how many were
  // refused.
  template <class Prepare>
  int send_with(std::uint64_t failures, const std::string& body, const Prepare& prepare) {
    int refused = 0;
    bool has_failed = true;
    for (std::uint64_t before = 0; has_failed; ++before) {
      prepare();
      int status = 0;
      FailingAllocations failing(before, failures);
      run_within_memory([&] { status = send(body).status; });
      has_failed = failing.stop();
      EXPECT_TRUE(status == 200 || status == 503 || status == 0) << status;
      refused += status == 200 ? 0 : 1;
      EXPECT_EQ(send(body).status, 200) << "after " << failures << " failures from " << before;
    }
    return refused;
  }

  static std::string body_of(std::string_view document) {
    std::string body = R"({"query":)";
    json::append_string(body, document);
    body += '}';
    return body;
  }
};

TEST_F(Shortage, WhateverFailsTheServerGoesOn) {
  for (const char* const request : kRequests) {
    SCOPED_TRACE(request);
    const std::string body = body_of(request);
    ASSERT_EQ(send(body).status, 200);
    EXPECT_GT(send_with(1, body, [] {}) + send_with(8, body, [] {}), 10);
  }
}

class ShortageInMemory : public Shortage {
 protected:
  ShortageInMemory() : Shortage(64 * 1024 * 1024) {}
};

// A request that finds the list in memory out of date reads what has changed first.
TEST_F(ShortageInMemory, AListIsBroughtUpToDateAfterAFailure) {
  const std::string body = body_of(kRequests[0]);
  ASSERT_EQ(send(body).status, 200);
  world_.pipeline().read_model()->wait_until_idle();
  const std::uint64_t refreshes = world_.pipeline().read_model()->stats().refreshes;
  const storage::TempDirectory changes;
  int version = 1;
  const auto write = [&] {
    const std::string file = changes.path() + "/program_progress.ndjson";
    std::ofstream(file, std::ios::trunc) << progress_line(0, ++version) << '\n';
    world_.import(std::span(&file, 1));
  };
  EXPECT_GT(send_with(1, body, write), 5);
  EXPECT_GT(world_.pipeline().read_model()->stats().refreshes, refreshes + 10);
  write();
  EXPECT_NE(send(body).body.find(fmt::format(R"("programVersion":"{}")", version)),
            std::string::npos);
  // Snapshots have ended: this takes one of its own.
  EXPECT_EQ(send(body_of(kRequests[2])).status, 200);
}

}  // namespace
}  // namespace matricula::cases
