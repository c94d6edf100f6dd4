#include "http/reply_head.h"

#include <gtest/gtest.h>

namespace matricula::http {
namespace {

TEST(ReplyHead, HoldsWhatTheHandlerAndTheServerSay) {
  Response response{.status = 200, .content_type = "application/json"};
  response.headers.add("Cache-Control", "no-store");
  std::string text;
  append_reply_head(text, response,
                    {.date = "D",
                     .request_id = "R",
                     .content_length = 12,
                     .keep_alive = true,
                     .coding = ContentCoding::kGzip,
                     .vary_by_encoding = true});
  EXPECT_EQ(text,
            "HTTP/1.1 200 OK\r\nDate: D\r\nX-Request-Id: R\r\nContent-Type: application/json\r\n"
            "Content-Length: 12\r\nContent-Encoding: gzip\r\nVary: Accept-Encoding\r\n"
            "Cache-Control: no-store\r\n\r\n");
}

TEST(ReplyHead, WithoutContentThereIsNoLength) {
  std::string text;
  append_reply_head(text, Response{.status = 204},
                    {.date = "D", .request_id = "R", .keep_alive = false});
  EXPECT_EQ(text,
            "HTTP/1.1 204 No Content\r\nDate: D\r\nX-Request-Id: R\r\nConnection: close\r\n\r\n");
}

TEST(HttpDate, IsTheOneFormOfRfc9110) {
  EXPECT_EQ(http_date(784'111'777'000'000), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
}

}  // namespace
}  // namespace matricula::http
