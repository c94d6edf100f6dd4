// What a request costs the thread of an event loop: never so much that other connections notice.
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <thread>

#include "http/testing_client.h"
#include "json/writer.h"
#include "tests/cases/world.h"

namespace matricula::cases {
namespace {

// CPU time of the loop's thread for one callback, in this build without optimizations.
constexpr std::chrono::milliseconds kCallbackMax{20};
constexpr int kRecords = 1'000;
constexpr std::size_t kReportBytes = 8 * 1024;

// A thousand attempts of one company, each with a large report.
std::string write_data(const storage::TempDirectory& directory) {
  std::string folder = directory.file("data");
  std::filesystem::create_directory(folder);
  const auto write = [&](const std::string& entity, const std::string& lines) {
    std::ofstream(folder + "/" + entity + ".ndjson") << lines;
  };
  constexpr std::string_view kUser = "00000000-0000-4000-8000-000000000001";
  write("companies", R"({"id":"1","slug":"one","name":"One"})"
                     "\n");
  write("users", fmt::format(R"({{"id":"{}","email":"a@b.example","firstName":"A","lastName":"B"}})"
                             "\n",
                             kUser));
  write("assessments", R"({"id":"a","title":"A","category":"PRACTICE","isTimed":false,)"
                       R"("totalQuestionsInAssessment":1})"
                       "\n");
  std::string attempts;
  const std::string note(kReportBytes, 'x');
  for (int i = 0; i < kRecords; ++i) {
    attempts +=
        fmt::format(R"({{"companyId":"1","attemptId":"t{}","userId":"{}","assessmentId":"a",)"
                    R"("assessmentStatus":"completed","createdAt":"2025-01-01T00:00:00Z",)"
                    R"("assessmentReport":"{{\"note\":\"{}\"}}"}})"
                    "\n",
                    i, kUser, note);
  }
  write("assessment_progress", attempts);
  return folder;
}

std::string repeated(int count, const auto& part) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text += part(i);
  }
  return text;
}

// A server with one event loop before a world.
class Served {
 public:
  Served()
      : world_(write_data(directory_), {.rate_limit = 0}),
        server_(
            [this](const http::Request& request, http::Responder responder) {
              world_.pipeline().handle(*world_.pipeline().endpoint_at(request.path), request,
                                       std::move(responder));
            },
            config()),
        token_(world_.token_for("1")) {}

  // The longest callback while it answers one request with that document.
  std::chrono::nanoseconds longest(const std::string& document,
                                   const std::string& variables = "null",
                                   const std::string& more_headers = "") {
    std::string body = "{\"query\":";
    json::append_string(body, document);
    body += ",\"variables\":" + variables + "}";
    const auto before = server_.server().stats().longest_callback;
    EXPECT_LT(before, kCallbackMax) << "another request's";
    http::RawClient client(server_.port());
    client.send(fmt::format("POST /api/public/api/v1/assessment-progress/graphql HTTP/1.1\r\n"
                            "Host: x\r\nContent-Type: application/json\r\n"
                            "Authorization: Token {}\r\n{}Content-Length: {}\r\n\r\n",
                            token_, more_headers, body.size()) +
                body);
    answer_ = client.read_answer();
    return server_.server().stats().longest_callback;
  }
  const http::Answer& answer() const { return answer_; }

 private:
  static http::ServerConfig config() {
    http::ServerConfig config = http::TestServer::quick_config();
    config.measure_callbacks = true;
    return config;
  }

  storage::TempDirectory directory_;
  World world_;
  http::TestServer server_;
  std::string token_;
  http::Answer answer_;
};

TEST(Loops, NoPermittedRequestHoldsALoopForTwentyMilliseconds) {
  Served served;
  const auto edges = [](int i) {
    return fmt::format(" e{}: edges {{ node {{ assessmentReport attemptId createdAt }} }}", i);
  };
  // Large rows under many aliases, in a page that a loop would answer if it were small.
  EXPECT_LT(
      served.longest("{ assessmentProgress(input: {first: 50}) {" + repeated(2, edges) + " } }"),
      kCallbackMax);
  EXPECT_EQ(served.answer().status, 200);
  EXPECT_GT(served.answer().body.size(), 50 * 2 * kReportBytes);
  EXPECT_LT(
      served.longest("{ assessmentProgress(input: {first: 1000}) {" + repeated(2, edges) + " } }",
                     "null", "Accept-Encoding: gzip\r\n"),
      kCallbackMax);
  EXPECT_EQ(served.answer().status, 200);
  // As many small values as a page may have, and as many as are light.
  for (const int aliases : {7, 8, 99}) {
    const std::string small =
        repeated(aliases, [](int i) { return fmt::format(" c{}: edges {{ cursor }}", i); });
    EXPECT_LT(served.longest("{ assessmentProgress(input: {first: 1000}) {" + small + " } }"),
              kCallbackMax)
        << aliases;
    EXPECT_EQ(served.answer().status, 200);
  }
}

TEST(Loops, NoPermittedDocumentHoldsALoopForTwentyMilliseconds) {
  Served served;
  // As many tokens as a document may have, and as many unknown fields as fit a short one.
  for (const int fields : {700, 9'000}) {
    const std::string unknown = repeated(fields, [](int i) { return fmt::format(" e{}", i); });
    EXPECT_LT(served.longest("{ assessmentProgress {" + unknown + " } }"), kCallbackMax) << fields;
    EXPECT_NE(served.answer().body.find("Cannot query field"), std::string::npos);
  }
  const std::string merged = repeated(130, [](int) { return " totalCount"; });
  EXPECT_LT(served.longest("{ assessmentProgress {" + merged + " } }"), kCallbackMax);
  EXPECT_EQ(served.answer().body, R"({"data":{"assessmentProgress":{"totalCount":1000}}})");
  std::string nested = "name";
  for (int i = 0; i < 6; ++i) {
    nested = fmt::format(
        "name fields(includeDeprecated: true) {{ type {{ ofType {{ ofType {{ {} }} }} }} }}",
        nested);
  }
  EXPECT_LT(served.longest("{ __schema { types { " + nested + " } } }"), kCallbackMax);
  // Values of a filter.
  std::string emails = R"({"filter":{"userEmails":[)";
  emails += repeated(
      10'000, [](int i) { return fmt::format("{}\"{}@company.example\"", i == 0 ? "" : ",", i); });
  EXPECT_LT(served.longest("query ($in: AssessmentProgressInput) { assessmentProgress(input: $in) "
                           "{ totalCount } }",
                           R"({"in":)" + emails + "]}}}"),
            kCallbackMax);
  EXPECT_EQ(served.answer().status, 200);
}

}  // namespace
}  // namespace matricula::cases
