// Bodies that are sent as fast as their client reads them, over real sockets.

#include <atomic>
#include <gtest/gtest.h>
#include <memory>
#include <mutex>
#include <thread>
#include <zlib.h>
#include <zstd.h>

#include "http/body_pipe.h"
#include "http/body_selection.h"
#include "http/server.h"
#include "http/testing_client.h"

namespace matricula::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kLargeBytes = 8 * 1024 * 1024;

std::string get(std::string_view fields = {}, std::string_view version = "1.1") {
  return "GET / HTTP/" + std::string(version) + "\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

// Text that a client can tell from the same text with a part missing.
std::string numbers(std::size_t bytes) {
  std::string text;
  text.reserve(bytes + 16);
  for (int i = 0; text.size() < bytes; ++i) {
    text += std::to_string(i);
    text += i % 8 == 7 ? '\n' : ' ';
  }
  text.resize(bytes);
  return text;
}

Response stream_of(std::unique_ptr<BodySource> source) {
  Response response{.content_type = "text/plain"};
  response.source = std::move(source);
  return response;
}

template <typename Condition>
bool comes_true(Condition condition) {
  const auto end = steady_clock::now() + std::chrono::seconds(5);
  while (!condition()) {
    if (steady_clock::now() > end) {
      return false;
    }
    std::this_thread::sleep_for(milliseconds(2));
  }
  return true;
}

class ServerBody : public testing::Test {
 protected:
  void SetUp() override {
    auto spool = spool::Spool::open({.directory = testing::TempDir(), .bytes_max = 256 << 20});
    ASSERT_TRUE(spool);
    spool_ = *spool;
    config_.memory = &memory_;
    config_.spool = spool_;
  }

  // A server whose handler makes the response, and whose producers are threads of its own.
  TestServer& serve(std::function<Response(const Request&)> respond) {
    server_ = std::make_unique<TestServer>(
        [respond = std::move(respond)](const Request& request, Responder responder) {
          responder.send(respond(request));
        },
        config_);
    return *server_;
  }

  ~ServerBody() override {
    server_.reset();
    for (std::thread& producer : producers_) {
      producer.join();
    }
  }

  // A response whose body `produce` writes on a thread of its own.
  template <typename Produce>
  Response produced(Produce produce) {
    auto [writer, source] = make_body_pipe(64 * 1024);
    const std::lock_guard lock(mutex_);
    producers_.emplace_back(
        [produce, writer = std::make_shared<BodyWriter>(std::move(writer))]() mutable {
          produce(*writer);
          writer.reset();
        });
    return stream_of(std::move(source));
  }

  ServerConfig config_ = TestServer::quick_config();
  spool::Budget memory_{64 << 20, 64 << 20};
  std::shared_ptr<spool::Spool> spool_;
  std::mutex mutex_;
  std::vector<std::thread> producers_;
  std::unique_ptr<TestServer> server_;
};

TEST_F(ServerBody, OfKnownLengthIsSentWithIt) {
  const std::string text = numbers(kLargeBytes);
  TestServer& server = serve([&](const Request&) { return stream_of(text_body(text)); });
  RawClient client(server.port());
  for (int i = 0; i < 2; ++i) {
    const Answer answer = client.ask(get());
    EXPECT_EQ(answer.header("Content-Length"), std::to_string(kLargeBytes));
    EXPECT_EQ(answer.header("Transfer-Encoding"), "");
    EXPECT_TRUE(answer.body == text);
  }
}

TEST_F(ServerBody, OfUnknownLengthIsSentInChunks) {
  const std::string text = numbers(kLargeBytes);
  TestServer& server = serve([&](const Request&) {
    return produced([&](BodyWriter& writer) {
      for (std::size_t at = 0; at < text.size(); at += 100'000) {
        EXPECT_TRUE(writer.write(text.substr(at, 100'000)));
      }
      writer.finish();
    });
  });
  RawClient client(server.port());
  for (int i = 0; i < 2; ++i) {
    const Answer answer = client.ask(get());
    EXPECT_EQ(answer.header("Content-Length"), "");
    EXPECT_EQ(answer.header("Transfer-Encoding"), "chunked");
    EXPECT_TRUE(answer.body == text);
  }
}

TEST_F(ServerBody, OfUnknownLengthEndsTheConnectionOfAnOldClient) {
  const std::string text = numbers(kLargeBytes);
  TestServer& server = serve([&](const Request&) {
    return produced([&](BodyWriter& writer) {
      EXPECT_TRUE(writer.write(text));
      writer.finish();
    });
  });
  RawClient client(server.port());
  client.send(get("Connection: keep-alive\r\n", "1.0"));
  const std::string all = client.read_to_end();
  EXPECT_NE(all.find("\r\nConnection: close\r\n"), std::string::npos);
  EXPECT_EQ(all.find("Transfer-Encoding"), std::string::npos);
  EXPECT_TRUE(all.ends_with("\r\n\r\n" + text));
}

TEST_F(ServerBody, HeadGivesTheLengthAlone) {
  TestServer& server =
      serve([&](const Request&) { return stream_of(text_body(numbers(kLargeBytes))); });
  RawClient client(server.port());
  client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  const Answer head = client.read_answer(true);
  EXPECT_EQ(head.header("Content-Length"), std::to_string(kLargeBytes));
  EXPECT_EQ(client.ask(get()).body.size(), kLargeBytes);
}

TEST_F(ServerBody, ARangeAndA304AreSentAsSelected) {
  const std::string text = numbers(kLargeBytes);
  TestServer& server = serve([&](const Request& request) {
    BodySelection selection = select_body(request, {.length = text.size(), .etag = R"("t")"});
    Response response{.status = selection.status, .compress = false};
    response.headers = std::move(selection.headers);
    if (selection.has_body()) {
      const auto file = spool_->create(1);
      EXPECT_TRUE(file->append(text));
      file->finish();
      response.source = spool_body(file, selection.offset, selection.length);
    }
    return response;
  });
  RawClient client(server.port());
  const Answer part = client.ask(get("Range: bytes=70000-5000000\r\n"));
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.header("Content-Range"), "bytes 70000-5000000/8388608");
  EXPECT_TRUE(part.body == text.substr(70'000, 4'930'001));
  const Answer same = client.ask(get("If-None-Match: \"t\"\r\n"));
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.header("ETag"), R"("t")");
  EXPECT_EQ(same.header("Content-Length"), "");
  EXPECT_EQ(client.ask(get("Range: bytes=8388608-\r\n")).status, 416);
}

TEST_F(ServerBody, AFileThatGrowsIsFollowed) {
  const auto file = spool_->create(1);
  TestServer& server = serve([&](const Request&) { return stream_of(spool_body(file)); });
  const std::string text = numbers(kLargeBytes);
  std::thread writer([&] {
    for (std::size_t at = 0; at < text.size(); at += 300'000) {
      EXPECT_TRUE(file->append(text.substr(at, 300'000)));
      std::this_thread::sleep_for(milliseconds(1));
    }
    file->finish();
  });
  RawClient client(server.port());
  const Answer answer = client.ask(get());
  writer.join();
  EXPECT_TRUE(answer.body == text);
}

TEST_F(ServerBody, ABodyThatFailsIsNotTakenForAWholeOne) {
  TestServer& server = serve([&](const Request&) {
    return produced([&](BodyWriter& writer) { EXPECT_TRUE(writer.write("half")); });
  });
  for (const std::string_view version : {"1.0", "1.1"}) {
    RawClient client(server.port());
    client.send(get({}, version));
    const std::string all = client.read_to_end();
    EXPECT_FALSE(all.ends_with("0\r\n\r\n")) << all;
  }
}

// The bound is on the time without progress: four times as long in all is fine.
TEST_F(ServerBody, ASlowReaderHasAllTheTimeThatItNeeds) {
  config_.write_timeout = milliseconds(400);
  const std::string text = numbers(kLargeBytes);
  TestServer& server = serve([&](const Request&) { return stream_of(text_body(text)); });
  RawClient client(server.port(), "127.0.0.1", 64 * 1024);
  client.send(get());
  std::string all;
  const auto start = steady_clock::now();
  while (all.size() < text.size()) {
    const std::string some = client.read_some(512 * 1024);
    ASSERT_FALSE(some.empty());
    all += some;
    std::this_thread::sleep_for(milliseconds(100));
  }
  EXPECT_GT(steady_clock::now() - start, milliseconds(1'600));
  EXPECT_TRUE(all.substr(all.find("\r\n\r\n") + 4) ==
              text.substr(0, all.size()).substr(0, all.size() - all.find("\r\n\r\n") - 4));
}

TEST_F(ServerBody, AReaderThatStopsIsGivenUpAndItsProducerEnds) {
  config_.write_timeout = milliseconds(200);
  std::atomic<bool> cancelled = false;
  TestServer& server = serve([&](const Request&) {
    return produced([&](BodyWriter& writer) {
      while (writer.write(std::string(10'000, 'x'))) {
      }
      cancelled = writer.is_cancelled();
    });
  });
  RawClient client(server.port());
  client.send(get());
  EXPECT_TRUE(comes_true([&] { return cancelled.load(); }));
  EXPECT_TRUE(comes_true([&] { return server.server().stats().connections_open == 0; }));
}

TEST_F(ServerBody, AClientThatGoesAwayEndsAProducerThatHasNothingToSay) {
  std::atomic<bool> cancelled = false;
  TestServer& server = serve([&](const Request&) {
    return produced([&](BodyWriter& writer) {
      // The client may be gone already.
      static_cast<void>(writer.write("a"));
      cancelled = comes_true([&] { return writer.is_cancelled(); });
    });
  });
  {
    RawClient client(server.port());
    client.send(get());
    client.read_some(100);
    client.reset();
  }
  EXPECT_TRUE(comes_true([&] { return cancelled.load(); }));
}

TEST_F(ServerBody, AnAnswerThatIsNotReadLeavesMemoryForTheSpool) {
  TestServer& server = serve([&](const Request&) {
    spool::Lease lease(&memory_, 1);
    EXPECT_TRUE(lease.resize(kLargeBytes));
    return stream_of(text_body(numbers(kLargeBytes), std::move(lease), spool_, 1));
  });
  RawClient client(server.port());
  client.send(get());
  EXPECT_TRUE(comes_true([&] { return spool_->budget().used() > 0; }));
  EXPECT_TRUE(comes_true([&] { return memory_.used() == 0; }));
  const Answer answer = client.read_answer();
  EXPECT_TRUE(answer.body == numbers(kLargeBytes));
  EXPECT_TRUE(comes_true([&] { return spool_->budget().used() == 0; }));
}

TEST_F(ServerBody, AnAnswerThatIsNotReadAndHasNoPlaceEndsItsConnection) {
  config_.spool = nullptr;
  spool::Budget none(1'000, 1'000);
  config_.memory = &none;
  TestServer& server = serve([&](const Request&) {
    return Response{.content_type = "text/plain", .body = numbers(kLargeBytes)};
  });
  RawClient quick(server.port());
  EXPECT_EQ(quick.ask(get()).body.size(), kLargeBytes);
  RawClient slow(server.port());
  slow.send(get());
  EXPECT_TRUE(comes_true([&] { return server.server().stats().connections_open == 1; }));
}

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

TEST_F(ServerBody, ALargeBodyIsCompressedWhileItIsSent) {
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
      const Answer answer = client.ask("GET " + target + " HTTP/1.1\r\nHost: a\r\n" +
                                       "Accept-Encoding: " + coding + "\r\n\r\n");
      EXPECT_EQ(answer.header("Content-Encoding"), coding);
      EXPECT_EQ(answer.header("Transfer-Encoding"), "chunked");
      EXPECT_EQ(answer.header("Vary"), "Accept-Encoding");
      EXPECT_EQ(answer.header("ETag"), target == "/" ? R"(W/"t")" : "");
      EXPECT_LT(answer.body.size(), text.size() / 2);
      EXPECT_TRUE(unpacked(coding, answer.body) == text);
    }
  }
  EXPECT_EQ(client.ask(get()).header("ETag"), R"("t")");
  EXPECT_TRUE(comes_true([&] { return memory_.used() == 0; }));
}

// RFC 9110, sections 8.6 and 9.3.2.
TEST_F(ServerBody, HeadOfWhatWouldBeCompressedSaysSoAndNoLengthThatIsNotItsOwn) {
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
    EXPECT_EQ(answer.header("ETag"), R"(W/"t")");
  }
  const Answer plain = head("/?plain");
  EXPECT_EQ(plain.header("Content-Encoding"), "");
  EXPECT_EQ(plain.header("Content-Length"), std::to_string(kLargeBytes));
  EXPECT_EQ(plain.header("ETag"), R"("t")");
}

TEST_F(ServerBody, A304OfWhatWouldBeCompressedHasTheTagAndTheVaryOfThe200) {
  TestServer& server = serve([&](const Request& request) {
    Response response{.status = 304, .compress = request.query != "plain"};
    response.headers.add("ETag", R"("t")");
    return response;
  });
  RawClient client(server.port());
  const auto ask = [&](const std::string& target, const std::string& coding) {
    const Answer answer = client.ask(
        "GET " + target + " HTTP/1.1\r\nHost: a\r\nAccept-Encoding: " + coding + "\r\n\r\n");
    EXPECT_EQ(answer.header("Content-Encoding"), "");
    return answer.header("ETag") + "|" + answer.header("Vary");
  };
  EXPECT_EQ(ask("/", "gzip"), R"(W/"t"|Accept-Encoding)");
  EXPECT_EQ(ask("/", "br"), R"("t"|Accept-Encoding)");
  EXPECT_EQ(ask("/?plain", "gzip"), R"("t"|)");
}

TEST_F(ServerBody, WhatIsCompressedSoFarDoesNotWaitForTheRest) {
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
}

TEST_F(ServerBody, WithoutMemoryToCompressItIsSentPlain) {
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
