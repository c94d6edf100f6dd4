// Bodies that are compressed while they are sent, and what is said of them without sending them.

#include <atomic>
#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include "http/server_body_testing.h"

namespace matricula::http {
namespace {

using ServerCompression = ServerBodyTest;

std::string unpacked(const std::string& coding, const std::string& bytes) {
  std::string text(kLargeBytes + 1, '\0');
  if (coding == "gzip") {
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = static_cast<uInt>(text.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    text.resize(stream.total_out);
    inflateEnd(&stream);
    return text;
  }
  ZSTD_DCtx* context = ZSTD_createDCtx();
  ZSTD_inBuffer in{.src = bytes.data(), .size = bytes.size(), .pos = 0};
  ZSTD_outBuffer out{.dst = text.data(), .size = text.size(), .pos = 0};
  EXPECT_EQ(ZSTD_decompressStream(context, &out, &in), 0U);
  ZSTD_freeDCtx(context);
  text.resize(out.pos);
  return text;
}

TEST_F(ServerCompression, ALargeBodyIsCompressedWhileItIsSent) {
  const std::string text = numbers(kLargeBytes);
  TestServer& server = serve([&](const Request& request) {
    if (request.query == "memory") {
      return Response{.content_type = "text/plain", .body = text};
    }
    Response response = stream_of(text_body(text));
    response.headers.add("ETag", R"("t")");
    return response;
  });
  RawClient client(server.port());
  for (const std::string coding : {"gzip", "zstd"}) {
    for (const std::string target : {"/", "/?memory"}) {
      const Answer answer = client.ask(
          fmt::format("GET {} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: {}\r\n\r\n", target, coding));
      EXPECT_EQ(answer.header("Content-Encoding"), coding);
      EXPECT_EQ(answer.header("Transfer-Encoding"), "chunked");
      EXPECT_EQ(answer.header("Vary"), "Accept-Encoding");
      EXPECT_EQ(answer.header("ETag"), target == "/" ? "\"t-" + coding + '"' : "");
      EXPECT_LT(answer.body.size(), text.size() / 2);
      EXPECT_TRUE(unpacked(coding, answer.body) == text);
    }
  }
  EXPECT_EQ(client.ask(get()).header("ETag"), R"("t")");
  EXPECT_TRUE(comes_true([&] { return memory_.used() == 0; }));
}

// RFC 9110, sections 8.6 and 9.3.2.
TEST_F(ServerCompression, HeadOfWhatWouldBeCompressedSaysSoAndNoLengthThatIsNotItsOwn) {
  const std::string text = numbers(kLargeBytes);
  TestServer& server = serve([&](const Request& request) {
    Response response = stream_of(text_body(text));
    if (request.query == "memory") {
      response.source.reset();
      response.body = text;
    }
    response.compress = request.query != "plain";
    response.headers.add("ETag", R"("t")");
    return response;
  });
  RawClient client(server.port());
  const auto head = [&](const std::string& target) {
    client.send("HEAD " + target + " HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");
    return client.read_answer(true);
  };
  for (const std::string target : {"/", "/?memory"}) {
    const Answer answer = head(target);
    EXPECT_EQ(answer.header("Content-Encoding"), "gzip");
    EXPECT_EQ(answer.header("Content-Length"), "");
    EXPECT_EQ(answer.header("Vary"), "Accept-Encoding");
    EXPECT_EQ(answer.header("ETag"), R"("t-gzip")");
  }
  const Answer plain = head("/?plain");
  EXPECT_EQ(plain.header("Content-Encoding"), "");
  EXPECT_EQ(plain.header("Content-Length"), std::to_string(kLargeBytes));
  EXPECT_EQ(plain.header("ETag"), R"("t")");
}

TEST_F(ServerCompression, What200And304AndPartsSayOfCodingsIsTheSame) {
  TestServer& server = serve([&](const Request& request) {
    if (request.query == "part" || request.query == "short") {
      Response response = stream_of(text_body(numbers(request.query == "part" ? 100'000 : 100)));
      response.status = request.query == "part" ? 206 : 200;
      response.headers.add("ETag", R"("t")");
      return response;
    }
    Response response{.status = 304, .compress = request.query != "plain"};
    response.headers.add("ETag", R"("t-gzip")");
    return response;
  });
  RawClient client(server.port());
  const auto ask = [&](const std::string& target, const std::string& coding) {
    const Answer answer = client.ask(
        "GET " + target + " HTTP/1.1\r\nHost: a\r\nAccept-Encoding: " + coding + "\r\n\r\n");
    EXPECT_EQ(answer.header("Content-Encoding"), "");
    return answer.header("ETag") + "|" + answer.header("Vary");
  };
  EXPECT_EQ(ask("/", "gzip"), R"("t-gzip"|Accept-Encoding)");
  EXPECT_EQ(ask("/?plain", "gzip"), R"("t-gzip"|)");
  EXPECT_EQ(ask("/?short", "gzip"), R"("t"|Accept-Encoding)");
  EXPECT_EQ(ask("/?part", "gzip"), R"("t"|Accept-Encoding)");
}

TEST_F(ServerCompression, WhatIsCompressedSoFarDoesNotWaitForTheRest) {
  std::atomic<bool> go_on = false;
  TestServer& server = serve([&](const Request&) {
    return produced([&](BodyWriter& writer) {
      EXPECT_TRUE(writer.write("first"));
      EXPECT_TRUE(comes_true([&] { return go_on.load(); }));
      writer.finish();
    });
  });
  RawClient client(server.port());
  client.send(get("Accept-Encoding: gzip\r\n"));
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    head += client.read_some(1);
  }
  z_stream stream{};
  ASSERT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string text(100, '\0');
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  while (stream.total_out < 5) {
    std::string line;
    while (!line.ends_with("\r\n")) {
      line += client.read_some(1);
    }
    const std::size_t size = std::stoul(line, nullptr, 16);
    std::string chunk = client.read_some(size + 2);
    ASSERT_EQ(chunk.size(), size + 2);
    stream.next_in = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_in = static_cast<uInt>(size);
    ASSERT_EQ(inflate(&stream, Z_NO_FLUSH), Z_OK);
  }
  EXPECT_EQ(text.substr(0, stream.total_out), "first");
  inflateEnd(&stream);
  go_on = true;
  stop();
}

TEST_F(ServerCompression, WithoutMemoryToCompressItIsSentPlain) {
  spool::Budget none(1'000, 1'000);
  config_.memory = &none;
  const std::string text = numbers(kLargeBytes);
  TestServer& server = serve([&](const Request&) { return stream_of(text_body(text)); });
  RawClient client(server.port());
  const Answer answer = client.ask(get("Accept-Encoding: gzip\r\n"));
  EXPECT_EQ(answer.header("Content-Encoding"), "");
  EXPECT_TRUE(answer.body == text);
}

}  // namespace
}  // namespace matricula::http
