// Bodies that are sent as fast as their client reads them, over real sockets.

#include <atomic>
#include <thread>

#include "http/body_selection.h"
#include "http/server_body_testing.h"

namespace matricula::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

using ServerBody = ServerBodyTest;

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

TEST(ServerBodyInOnePiece, ThatIsNotReadEndsItsConnectionAfterOneWriteTimeout) {
  ServerConfig config = TestServer::quick_config();
  config.write_timeout = milliseconds(1'000);
  TestServer server(
      [](const Request&, Responder responder) {
        responder.send({.body = std::string(4'000, 'x'), .compress = false});
      },
      config);
  RawClient client(server.port(), "127.0.0.1", 4'096);
  std::string requests;
  for (int i = 0; i < 5'000; ++i) {
    requests += "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  }
  client.send(requests);
  // The buffers of the system are full when no further answer has been written for a while.
  auto stalled = steady_clock::now();
  for (std::uint64_t written = 0; steady_clock::now() - stalled < milliseconds(300);) {
    if (const std::uint64_t now = server.server().stats().requests; now != written) {
      written = now;
      stalled = steady_clock::now();
    }
    std::this_thread::sleep_for(milliseconds(1));
  }
  while (server.server().stats().connections_open > 0) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_GE(steady_clock::now() - stalled, milliseconds(990));
  EXPECT_LT(steady_clock::now() - stalled, milliseconds(1'900));
}

}  // namespace
}  // namespace matricula::http
