#include "http/head_gate.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "http/head_parser.h"

namespace matricula::http {
namespace {

constexpr std::size_t kFieldsMax = 5;

// The status that both gate and parser give to a head; 0 when they let it pass.
int refusal_of(std::string_view head) {
  const auto framing = check_head(head, kFieldsMax);
  if (!framing) {
    return framing.error().status;
  }
  Request request;
  std::vector<Header> fields;
  const auto refusal = parse_head(head, *framing, request, fields);
  return refusal ? refusal->status : 0;
}

// A head of one field more.
int refusal_with(std::string_view field) {
  return refusal_of("POST / HTTP/1.1\r\nHost: a\r\n" + std::string(field) + "\r\n\r\n");
}

TEST(HeadGate, AHeadIsReadIntoViews) {
  const std::string_view head =
      "GET /a/b?c=%20d HTTP/1.1\r\nHost: example.org:80\r\nX-A:  v w\t\r\nX-Empty:\r\n\r\n";
  const auto framing = check_head(head, kFieldsMax);
  ASSERT_TRUE(framing.has_value());
  EXPECT_EQ(*framing, Framing{});
  Request request;
  std::vector<Header> fields;
  ASSERT_EQ(parse_head(head, *framing, request, fields), std::nullopt);
  EXPECT_EQ(request.method, Method::kGet);
  EXPECT_EQ(request.path, "/a/b");
  EXPECT_EQ(request.query, "c=%20d");
  EXPECT_EQ(request.header("x-a"), "v w");
  EXPECT_EQ(request.header("x-empty"), "");
  EXPECT_TRUE(request.keep_alive);
  EXPECT_EQ(request.headers.size(), 3U);
}

TEST(HeadGate, FramingIsOneLengthOrChunked) {
  EXPECT_EQ(check_head("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n", kFieldsMax),
            (Framing{.content_length = 12}));
  EXPECT_EQ(check_head("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n"
                       "Expect: 100-continue\r\n\r\n",
                       kFieldsMax),
            (Framing{.chunked = true, .expects_continue = true}));
}

TEST(HeadGate, TransferEncodingIsChunkedAloneAndWithoutContentLength) {
  EXPECT_EQ(refusal_with("Transfer-Encoding: chunked"), 0);
  EXPECT_EQ(refusal_with("Transfer-Encoding: chunked\r\nContent-Length: 3"), 400);
  EXPECT_EQ(refusal_with("Content-Length: 3\r\nTransfer-Encoding: chunked"), 400);
  EXPECT_EQ(refusal_with("Transfer-Encoding: gzip\r\nContent-Length: 3"), 400);
  EXPECT_EQ(refusal_with("Transfer-Encoding: xchunked\r\nContent-Length: 3"), 400);
  EXPECT_EQ(refusal_with("Transfer-Encoding: gzip, chunked"), 400);
  EXPECT_EQ(refusal_with("Transfer-Encoding: chunked, chunked"), 400);
  EXPECT_EQ(refusal_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400);
  EXPECT_EQ(refusal_with("Transfer-Encoding: identity"), 400);
  EXPECT_EQ(refusal_with("Transfer-Encoding:"), 400);
  EXPECT_EQ(refusal_with("Transfer-Encoding: \"chunked\""), 400);
  EXPECT_EQ(refusal_with("Transfer-Encoding: chunked;q=1"), 400);
  EXPECT_EQ(refusal_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

TEST(HeadGate, ContentLengthIsOneNumber) {
  EXPECT_EQ(refusal_with("Content-Length: 0"), 0);
  EXPECT_EQ(refusal_with("Content-Length: 1\r\nContent-Length: 2"), 400);
  EXPECT_EQ(refusal_with("Content-Length: 1\r\nContent-Length: 1"), 400);
  EXPECT_EQ(refusal_with("Content-Length: 1, 1"), 400);
  EXPECT_EQ(refusal_with("Content-Length: +2"), 400);
  EXPECT_EQ(refusal_with("Content-Length: -2"), 400);
  EXPECT_EQ(refusal_with("Content-Length: 0x2"), 400);
  EXPECT_EQ(refusal_with("Content-Length: 2 2"), 400);
  EXPECT_EQ(refusal_with("Content-Length:"), 400);
  EXPECT_EQ(refusal_with("Content-Length: 18446744073709551615"), 0);
  EXPECT_EQ(refusal_with("Content-Length: 18446744073709551616"), 413);
  EXPECT_EQ(refusal_with("Content-Length: " + std::string(300, '9')), 413);
}

TEST(HeadGate, HttpOneOneHasExactlyOneHost) {
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1.0\r\n\r\n"), 0);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"), 0);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: user@a\r\n\r\n"), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"), 400);
}

TEST(HeadGate, LinesAreExactlyAsTheyShouldBe) {
  EXPECT_EQ(refusal_with("X-A: b\r\n c"), 400);
  EXPECT_EQ(refusal_with("X-A: b\r\n\tc"), 400);
  EXPECT_EQ(refusal_with("X-A : b"), 400);
  EXPECT_EQ(refusal_with("X-A\t: b"), 400);
  EXPECT_EQ(refusal_with("X A: b"), 400);
  EXPECT_EQ(refusal_with(": b"), 400);
  EXPECT_EQ(refusal_with("X-A"), 400);
  EXPECT_EQ(refusal_with("X-A: b\nX-B: c"), 400);
  EXPECT_EQ(refusal_with("X-A: b\rX-B: c"), 400);
  EXPECT_EQ(refusal_with(std::string_view("X-A: b\0c", 8)), 400);
  EXPECT_EQ(refusal_with("X-A: b\x01"), 400);
  EXPECT_EQ(refusal_with("X-A: b\x7f"), 400);
  EXPECT_EQ(refusal_with("X-A: \xc3\xa9"), 0);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\nHost: a\n\n"), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: a\r\n\r\nrest"), 400);
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: a\r\n"), 400);
  EXPECT_EQ(refusal_of(""), 400);
  EXPECT_EQ(refusal_of("\r\n"), 400);
}

TEST(HeadGate, TheRequestLineHasThreePartsAndAKnownVersion) {
  const auto line = [](std::string_view text) {
    return refusal_of(std::string(text) + "\r\nHost: a\r\n\r\n");
  };
  EXPECT_EQ(line("GET / HTTP/1.0"), 0);
  EXPECT_EQ(line("GET http://a/b?c HTTP/1.1"), 0);
  EXPECT_EQ(line("OPTIONS * HTTP/1.1"), 0);
  EXPECT_EQ(line("BREW /pot HTTP/1.1"), 0);
  EXPECT_EQ(line("GET / HTTP/1.2"), 505);
  EXPECT_EQ(line("GET / HTTP/2.0"), 505);
  EXPECT_EQ(line("GET /"), 400);
  EXPECT_EQ(line("GET  / HTTP/1.1"), 400);
  EXPECT_EQ(line("GET / HTTP/1.1 "), 400);
  EXPECT_EQ(line("GET / http/1.1"), 400);
  EXPECT_EQ(line("GET /a b HTTP/1.1"), 400);
  EXPECT_EQ(line("GET\t/ HTTP/1.1"), 400);
  EXPECT_EQ(line("G@T / HTTP/1.1"), 400);
  EXPECT_EQ(line("GET a HTTP/1.1"), 400);
  EXPECT_EQ(line("GET * HTTP/1.1"), 400);
  EXPECT_EQ(line("GET /#a HTTP/1.1"), 400);
  EXPECT_EQ(line("GET /\xc3\xa9 HTTP/1.1"), 400);
  EXPECT_EQ(line("CONNECT a:1 HTTP/1.1"), 400);
}

TEST(HeadGate, TargetsOfTheAbsoluteFormLoseTheirAuthority) {
  Request request;
  std::vector<Header> fields;
  const auto split = [&](std::string_view target) {
    const std::string head = "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    EXPECT_EQ(parse_head(head, {}, request, fields), std::nullopt);
    return std::string(request.path) + " " + std::string(request.query);
  };
  EXPECT_EQ(split("http://a/b?c"), "/b c");
  EXPECT_EQ(split("HTTPS://a"), "/ ");
  EXPECT_EQ(split("http://a?c"), "/ c");
}

TEST(HeadGate, FieldsAreCounted) {
  const auto head = [](std::size_t fields) {
    std::string text = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (std::size_t i = 1; i < fields; ++i) {
      text += "X: y\r\n";
    }
    return text + "\r\n";
  };
  EXPECT_EQ(refusal_of(head(kFieldsMax)), 0);
  EXPECT_EQ(refusal_of(head(kFieldsMax + 1)), 431);
}

TEST(HeadGate, EncodedBodiesAndStrangeExpectationsAreRefused) {
  EXPECT_EQ(refusal_with("Content-Encoding: gzip"), 415);
  EXPECT_EQ(refusal_with("Content-Encoding: identity"), 0);
  EXPECT_EQ(refusal_with("Content-Encoding:"), 0);
  EXPECT_EQ(refusal_with("Expect: 200-ok"), 417);
  EXPECT_EQ(refusal_with("Expect:"), 0);
  EXPECT_FALSE(
      check_head("POST / HTTP/1.1\r\nHost: a\r\nExpect:\r\n\r\n", kFieldsMax)->expects_continue);
}

}  // namespace
}  // namespace matricula::http
