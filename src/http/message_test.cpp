#include "http/message.h"

#include <gtest/gtest.h>
#include <vector>

namespace matricula::http {
namespace {

class KeepingSink final : public ReplySink {
 public:
  void reply(Response&& response) override { replies.push_back(std::move(response)); }
  std::vector<Response> replies;
};

TEST(Message, MethodsAreCaseSensitive) {
  EXPECT_EQ(method_of("POST"), Method::kPost);
  EXPECT_EQ(method_of("post"), Method::kOther);
  EXPECT_EQ(method_of(""), Method::kOther);
}

TEST(Message, HeadersAreFoundInAnyCaseAndTheFirstCounts) {
  const Header headers[] = {{"Accept", "a"}, {"X-One", "1"}, {"accept", "b"}};
  const Request request{.headers = headers};
  EXPECT_EQ(request.header("ACCEPT"), "a");
  EXPECT_EQ(request.header_count("accept"), 2U);
  EXPECT_EQ(request.header("X-Two"), std::nullopt);
}

TEST(Message, AHeaderValueCannotStartALineOfItsOwn) {
  HeaderLines lines;
  lines.add("Location", std::string_view("/a\r\nX-Evil: 1\0", 14));
  lines.add("Vary", "Accept");
  EXPECT_EQ(lines.text(), "Location: /a  X-Evil: 1 \r\nVary: Accept\r\n");
  EXPECT_EQ(lines.find("vary"), "Accept");
  EXPECT_EQ(lines.find("X-Evil"), std::nullopt);
}

TEST(Message, RefusalsHaveABodyInJson) {
  const Response response = error_response(413, R"(too "large")");
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.body, R"({"errors":[{"message":"too \"large\""}]})");
}

TEST(Message, AResponderSendsOnceAndA500WhenItIsDroppedUnsent) {
  const auto sink = std::make_shared<KeepingSink>();
  { Responder(sink).send(Response{.status = 204}); }
  { const Responder dropped(sink); }
  {
    Responder first(sink);
    Responder second(std::move(first));
    second.send(Response{.status = 201});
  }
  ASSERT_EQ(sink->replies.size(), 3U);
  EXPECT_EQ(sink->replies[0].status, 204);
  EXPECT_EQ(sink->replies[1].status, 500);
  EXPECT_EQ(sink->replies[2].status, 201);
}

TEST(ReasonPhrase, IsThereForEveryStatusThatIsSent) {
  for (const int status : {200, 204, 206, 303, 304, 400, 401, 403, 404, 405, 406,
                           408, 409, 410, 412, 413, 415, 416, 429, 431, 500, 503}) {
    EXPECT_NE(reason_phrase(status), "") << status;
  }
  EXPECT_EQ(reason_phrase(410), "Gone");
}

}  // namespace
}  // namespace matricula::http
