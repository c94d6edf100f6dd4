#include "http/request_reader.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace matricula::http {
namespace {

using State = RequestReader::State;

constexpr ReaderLimits kLimits{.head_bytes_max = 256, .head_fields_max = 5, .body_bytes_max = 100};

// What a reader makes of a stream that comes in pieces of that size: "METHOD path body;" for each
// request, then the state it ends in, or the status it refuses with.
std::string read_all(std::string_view input, std::size_t piece,
                     const ReaderLimits& limits = kLimits) {
  RequestReader reader(limits);
  std::string seen;
  while (!input.empty()) {
    const std::span<char> room = reader.room();
    const std::size_t count = std::min({piece, room.size(), input.size()});
    std::copy_n(input.begin(), count, room.begin());
    input.remove_prefix(count);
    for (State state = reader.commit(count); state == State::kComplete; state = reader.next()) {
      const Request& request = reader.request();
      seen += std::string(request.method_name) + " " + std::string(request.path) + " " +
              std::string(request.body) + ";";
    }
    if (reader.state() == State::kRefused) {
      return seen + std::to_string(reader.refusal().status);
    }
  }
  switch (reader.state()) {
    case State::kIdle:
      return seen + "idle";
    case State::kHead:
      return seen + "head";
    case State::kBody:
      return seen + "body";
    case State::kComplete:
    case State::kRefused:
      break;
  }
  return seen + "?";
}

std::string read_whole(std::string_view input) {
  std::string whole = read_all(input, input.size());
  EXPECT_EQ(read_all(input, 1), whole);
  return whole;
}

TEST(RequestReader, RequestsComeOutInOrderWhateverThePieces) {
  const std::string_view input =
      "\r\nGET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
      "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
      "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
      "\r\n\r\nGET /4 HTTP/1.1\r\nHost: a\r\n\r\nGE";
  const std::string expected = "GET /1 ;POST /2 hello;POST /3 abc;GET /4 ;head";
  for (std::size_t piece = 1; piece <= input.size(); ++piece) {
    EXPECT_EQ(read_all(input, piece), expected) << piece;
  }
}

TEST(RequestReader, EquivalentPathsAreOne) {
  EXPECT_EQ(read_whole("GET /%64ata/%76%31/x%2Fy?z=%61 HTTP/1.1\r\nHost: a\r\n\r\n"
                       "GET /%65 HTTP/1.1\r\nHost: a\r\n\r\nGET /e HTTP/1.1\r\nHost: a\r\n\r\n"),
            "GET /data/v1/x%2Fy ;GET /e ;GET /e ;idle");
}

TEST(RequestReader, ManyPipelinedRequestsWrapAroundTheBuffer) {
  std::string input;
  std::string expected;
  for (int i = 0; i < 500; ++i) {
    const std::string path = "/" + std::to_string(i);
    input += "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
    expected += "GET " + path + " ;";
  }
  for (const std::size_t piece : {7U, 4096U, 100'000U}) {
    EXPECT_EQ(read_all(input, piece), expected + "idle") << piece;
  }
}

TEST(RequestReader, TheHeadIsBoundedInBytes) {
  const auto head = [](std::size_t size) {
    std::string text = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    text.append(size - text.size() - 4, 'y');
    return text + "\r\n\r\n";
  };
  EXPECT_EQ(read_whole(head(256)), "GET / ;idle");
  EXPECT_EQ(read_whole(head(257)), "431");
  EXPECT_EQ(read_whole(std::string(256, 'x')), "head");
  EXPECT_EQ(read_whole(std::string(257, 'x')), "431");
}

TEST(RequestReader, TheDefaultHeadLimitFitsTheBuffer) {
  const ReaderLimits limits;
  std::string text = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  text.append(limits.head_bytes_max - text.size() - 4, 'y');
  text += "\r\n\r\n";
  EXPECT_EQ(read_all(text + text, 1000, limits), "GET / ;GET / ;idle");
  text.insert(text.size() - 4, "y");
  EXPECT_EQ(read_all(text, 1000, limits), "431");
}

TEST(RequestReader, TheBodyIsBoundedInBytes) {
  const auto with_length = [](std::size_t size) {
    return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
  };
  EXPECT_EQ(read_whole(with_length(100) + std::string(100, 'b')),
            "POST / " + std::string(100, 'b') + ";idle");
  EXPECT_EQ(read_whole(with_length(101)), "413");
  const std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(read_whole(chunked + "64\r\n" + std::string(100, 'b') + "\r\n0\r\n\r\n"),
            "POST / " + std::string(100, 'b') + ";idle");
  EXPECT_EQ(read_whole(chunked + "65\r\n"), "413");
}

Refusal refusal_of(std::string_view input) {
  const ReaderLimits limits;
  RequestReader reader(limits);
  while (!input.empty() && reader.state() != RequestReader::State::kRefused) {
    const std::span<char> room = reader.room();
    const std::size_t count = std::min(room.size(), input.size());
    std::copy_n(input.begin(), count, room.begin());
    input.remove_prefix(count);
    reader.commit(count);
  }
  return reader.refusal();
}

TEST(RequestReader, ARefusalNamesItsLimit) {
  const std::string start = "POST / HTTP/1.1\r\nHost: a\r\n";
  const Refusal body{.status = 413,
                     .message =
                         "The request body is too large: more than 262144 bytes, the limit "
                         "\"body-bytes\" of this server."};
  EXPECT_EQ(refusal_of(start + "Content-Length: 262145\r\n\r\n"), body);
  EXPECT_EQ(refusal_of(start + "Content-Length: " + std::string(300, '9') + "\r\n\r\n"), body);
  EXPECT_EQ(refusal_of(start + "Transfer-Encoding: chunked\r\n\r\n40001\r\n"), body);
  EXPECT_EQ(refusal_of(start + "X: " + std::string(16'384, 'x')),
            (Refusal{.status = 431,
                     .message = "The head of the request is too large: more than 16384 bytes, the "
                                "limit \"head-bytes\" of this server."}));
  std::string many = start;
  for (int i = 0; i < 100; ++i) {
    many += "X: y\r\n";
  }
  EXPECT_EQ(refusal_of(many + "\r\n"),
            (Refusal{.status = 431, .message = "The request has more than 100 header fields."}));
  std::string tiny = start + "Transfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 20'000; ++i) {
    tiny += "1\r\nx\r\n";
  }
  EXPECT_EQ(refusal_of(tiny).message,
            "The chunks of the request body are too small; send larger ones.");
}

TEST(RequestReader, LatenessNamesItsLimit) {
  RequestReader reader(kLimits);
  const auto arrive = [&](std::string_view input) {
    std::copy(input.begin(), input.end(), reader.room().begin());
    reader.commit(input.size());
    return reader.lateness(std::chrono::seconds(10), std::chrono::seconds(30));
  };
  EXPECT_EQ(arrive("POST / HTTP/1.1\r\n"),
            (Refusal{.status = 408,
                     .message = "The request took too long to arrive: its head more than 10000 ms, "
                                "the limit \"head-timeout-ms\" of this server."}));
  EXPECT_EQ(arrive("Host: a\r\nContent-Length: 3\r\n\r\n"),
            (Refusal{.status = 408,
                     .message = "The request took too long to arrive: its body more than 30000 ms, "
                                "the limit \"body-timeout-ms\" of this server."}));
}

TEST(RequestReader, BareLineFeedsAreRefusedAtOnce) {
  EXPECT_EQ(read_whole("GET / HTTP/1.1\n"), "400");
  EXPECT_EQ(read_whole("\n"), "400");
}

TEST(RequestReader, ABodyThatDoesNotFitTheBufferIsCollected) {
  const ReaderLimits limits;
  const std::string body(200'000, 'b');
  const std::string request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + body;
  EXPECT_EQ(read_all(request + request, 3000, limits),
            "POST / " + body + ";POST / " + body + ";idle");
}

TEST(RequestReader, ChunksBehindALongHeadLeaveTheHeadWhereItIs) {
  const ReaderLimits limits;
  const std::string path(4000, 'p');
  std::string request =
      "POST /" + path + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 1000; ++i) {
    request += "a\r\n0123456789\r\n";
  }
  request += "0\r\n\r\n";
  std::string body;
  for (int i = 0; i < 1000; ++i) {
    body += "0123456789";
  }
  EXPECT_EQ(read_all(request, 1500, limits), "POST /" + path + " " + body + ";idle");
}

TEST(RequestReader, TheWishToContinueIsReportedOnceAndOnlyBeforeTheBody) {
  const auto expects = [](std::string_view behind) {
    RequestReader reader(kLimits);
    const std::string input =
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n" +
        std::string(behind);
    std::copy(input.begin(), input.end(), reader.room().begin());
    reader.commit(input.size());
    const bool first = reader.take_expects_continue();
    EXPECT_FALSE(reader.take_expects_continue());
    return first;
  };
  EXPECT_TRUE(expects(""));
  EXPECT_FALSE(expects("a"));
  EXPECT_FALSE(expects("abc"));
}

}  // namespace
}  // namespace matricula::http
