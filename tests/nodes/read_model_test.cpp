// Lists in memory of several nodes: what was acknowledged anywhere is read everywhere.
#include <fmt/format.h>
#include <fstream>
#include <span>

#include "exchange/import.h"
#include "http/testing_client.h"
#include "records/change_upkeep.h"
#include "tests/nodes/nodes_fixture.h"

namespace matricula::nodes {
namespace {

constexpr const char* kUser = "00000000-0000-4000-8000-000000000001";

class ReadModel : public Nodes {
 protected:
  void import(const std::string& entity, const std::string& line) {
    const std::string file = directory_.file(entity + ".ndjson");
    std::ofstream(file, std::ios::trunc) << line << '\n';
    const auto report = exchange::import_paths(*database_, std::span(&file, 1), {}, clock_);
    ASSERT_TRUE(report);
    ASSERT_EQ(report->rejected(), 0U);
  }

  // Gives a row of each list, and its person's address, this number.
  void write(int number) {
    switch (number % 8) {
      case 0:
        import("users",
               fmt::format(
                   R"({{"id":"{}","email":"ann{}@acme.example","firstName":"A","lastName":""}})",
                   kUser, number));
        email_ = fmt::format("ann{}@acme.example", number);
        break;
      case 1:
      case 2:
        import(
            "assessment_progress",
            fmt::format(
                R"({{"companyId":"4821","attemptId":"t1","userId":"{}","assessmentId":"a1","assessmentStatus":"completed","assessmentReport":"{}","createdAt":"2025-05-02T09:00:00Z"}})",
                kUser, number));
        report_ = number;
        break;
      case 3:
        import(
            "learning_plan_progress",
            fmt::format(
                R"({{"companyId":"4821","planId":"lp1","userId":"{}","subscriptionStatus":"ACTIVE","requiredStepsTotal":2000000,"requiredStepsCompleted":{},"assessmentsComplete":1,"createdAt":"2025-01-31T00:00:00Z"}})",
                kUser, number));
        steps_ = number;
        break;
      case 4:
        import("program_progress",
               fmt::format(
                   R"({{"_delete":true,"companyId":"4821","userId":"{}","programKey":"cd100"}})",
                   kUser));
        hours_ = -1;
        break;
      default:
        import(
            "program_progress",
            fmt::format(
                R"({{"companyId":"4821","userId":"{}","programKey":"cd100","programVersion":"2","programType":"COURSE","enrollmentStatus":"ENROLLED","enrolledAt":"2025-02-01T00:00:00Z","learnerHours":{},"completionPercentage":40,"projectsRequiredTotal":2,"projectsRequiredCompleted":1,"onTrackStatus":"ON_TRACK"}})",
                kUser, number));
        hours_ = number;
    }
  }

  void expect_newest(const Node& node, const std::string& token) const {
    const auto ask = [&](std::string_view endpoint, const std::string& document) {
      return node.ask(endpoint, document, "Token " + token).body;
    };
    ASSERT_EQ(
        ask("program-progress",
            fmt::format("{{ programProgress(input: {{filter: {{userIds: [\"{}\"], programKeys: "
                        "[\"cd100\"]}}}}) {{ totalCount edges {{ node {{ learnerHours userEmail }} "
                        "}} }} }}",
                        kUser)),
        hours_ < 0
            ? R"({"data":{"programProgress":{"totalCount":0,"edges":[]}}})"
            : fmt::format(
                  R"({{"data":{{"programProgress":{{"totalCount":1,"edges":[{{"node":{{"learnerHours":{},"userEmail":"{}"}}}}]}}}}}})",
                  hours_, email_));
    ASSERT_EQ(
        ask("assessment-progress",
            fmt::format("{{ assessmentProgress(input: {{filter: {{userIds: [\"{}\"]}}}}) {{ edges "
                        "{{ node {{ assessmentReport userEmail }} }} }} }}",
                        kUser)),
        fmt::format(
            R"({{"data":{{"assessmentProgress":{{"edges":[{{"node":{{"assessmentReport":"{}","userEmail":"{}"}}}}]}}}}}})",
            report_, email_));
    ASSERT_EQ(
        ask("learning-plan-progress",
            fmt::format("{{ learningPlanProgress(input: {{planId: \"lp1\", filter: {{userIds: "
                        "[\"{}\"]}}}}) {{ edges {{ node {{ requiredStepsCompleted userEmail }} }} "
                        "}} }}",
                        kUser)),
        fmt::format(
            R"({{"data":{{"learningPlanProgress":{{"edges":[{{"node":{{"requiredStepsCompleted":{},"userEmail":"{}"}}}}]}}}}}})",
            steps_, email_));
  }

  // How many reads of all nodes came from memory.
  std::uint64_t hits() const {
    constexpr std::string_view kMetric = "matricula_read_model_reads_total{outcome=\"hit\"} ";
    std::uint64_t all = 0;
    for (const auto& node : nodes_) {
      http::RawClient client(node->port());
      const std::string text =
          client.ask("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").body;
      const std::size_t at = text.find(kMetric);
      all += at == std::string::npos ? 0 : std::stoull(text.substr(at + kMetric.size()));
    }
    return all;
  }

  std::string email_;
  int report_ = 0;
  int steps_ = 0;
  int hours_ = 0;
};

TEST_F(ReadModel, WhatWasWrittenIsReadOnEveryNode) {
  start("0", {"--read-model-bytes", "100000000"});
  const std::string token = new_token();
  for (int number = 0; number < 8; ++number) {
    write(number);
  }
  const int rounds = rounds_of("MATRICULA_ROUNDS", 24);
  for (int round = 8; round < 8 + rounds && !HasFatalFailure(); ++round) {
    write(round);
    if (round % 13 == 0) {
      ASSERT_TRUE(database_->write(
          [&](storage::Session& session) { return records::renew_epoch(session); }));
    }
    for (const auto& node : nodes_) {
      expect_newest(*node, token);
    }
  }
  EXPECT_GT(hits(), static_cast<std::uint64_t>(rounds));
}

}  // namespace
}  // namespace matricula::nodes
