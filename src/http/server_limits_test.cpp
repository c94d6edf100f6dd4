// What the server refuses and when it loses patience, over real sockets.

#include <gtest/gtest.h>
#include <memory>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <vector>

#include "http/server.h"
#include "http/testing_client.h"

namespace matricula::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

struct Vector {
  std::string_view name;
  std::string request;
  int status;
};

// A POST of "ab" with these fields before its body.
std::string with(std::string_view fields, std::string_view body = "ab") {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

// The vectors that packaged parsers accepted or hung on, each alone on its connection with a second
// request behind it that must never be answered.
std::vector<Vector> malformed_requests() {
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  return {
      {"CL with TE", with("Content-Length: 2\r\n" + chunked, "0\r\n\r\n"), 400},
      {"TE with CL", with(chunked + "Content-Length: 2\r\n", "0\r\n\r\n"), 400},
      {"TE gzip, CL", with("Transfer-Encoding: gzip\r\nContent-Length: 2\r\n"), 400},
      {"TE xchunked, CL", with("Transfer-Encoding: xchunked\r\nContent-Length: 2\r\n"), 400},
      {"two CL", with("Content-Length: 2\r\nContent-Length: 3\r\n"), 400},
      {"signed CL", with("Content-Length: +2\r\n"), 400},
      {"space before colon", with("X-A : b\r\nContent-Length: 2\r\n"), 400},
      {"obs-fold", with("X-A: b\r\n c\r\nContent-Length: 2\r\n"), 400},
      {"bare LF", "GET / HTTP/1.1\nHost: a\n\n", 400},
      {"NUL in a value", with(std::string("X-A: b\0c\r\nContent-Length: 2\r\n", 29)), 400},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", with("Host: b\r\nContent-Length: 2\r\n"), 400},
      {"chunk size 0x2", with(chunked, "0x2\r\nab\r\n0\r\n\r\n"), 400},
      {"chunk size overflow", with(chunked, "10000000000000002\r\nab\r\n0\r\n\r\n"), 400},
      {"64 KiB header", with("X-A: " + std::string(65536, 'x') + "\r\n"), 431},
      {"101 fields",
       "GET / HTTP/1.1\r\nHost: a\r\n" +
           [] {
             std::string fields;
             for (int i = 0; i < 100; ++i) {
               fields += "X: y\r\n";
             }
             return fields;
           }() +
           "\r\n",
       431},
      {"encoded body", with("Content-Encoding: gzip\r\nContent-Length: 2\r\n"), 415},
      {"unknown expectation", with("Expect: x\r\nContent-Length: 2\r\n"), 417},
      {"HTTP/3.0", "GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505},
      {"not HTTP", "\x16\x03\x01\x02\r\n\r\n", 400},
  };
}

TEST(ServerLimits, EveryMalformedRequestIsAnsweredThenTheConnectionIsClosed) {
  TestServer server(echo);
  for (const Vector& vector : malformed_requests()) {
    RawClient client(server.port());
    const Answer answer = client.ask(vector.request + std::string(kGet));
    EXPECT_EQ(answer.status, vector.status) << vector.name;
    EXPECT_EQ(answer.header("Connection"), "close") << vector.name;
    EXPECT_EQ(answer.header("X-Request-Id").size(), 32U) << vector.name;
    EXPECT_EQ(answer.header("Content-Type"), "application/json; charset=utf-8") << vector.name;
    EXPECT_EQ(answer.body.substr(0, 23), R"({"errors":[{"message":")") << vector.name;
    EXPECT_TRUE(client.is_closed_by_server()) << vector.name;
  }
}

TEST(ServerLimits, TheHeadMayBeAsLargeAsTheLimit) {
  TestServer server(echo);
  std::string head = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  head += std::string(16 * 1024 - head.size() - 4, 'x') + "\r\n\r\n";
  EXPECT_EQ(RawClient(server.port()).ask(head).status, 200);
  head.insert(head.size() - 4, "x");
  EXPECT_EQ(RawClient(server.port()).ask(head).status, 431);
}

TEST(ServerLimits, AHundredFieldsAreTaken) {
  TestServer server(echo);
  std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 99; ++i) {
    head += "X: y\r\n";
  }
  EXPECT_EQ(RawClient(server.port()).ask(head + "\r\n").status, 200);
}

TEST(ServerLimits, TheBodyMayBeAsLargeAsTheLimit) {
  TestServer server([](const Request& request, Responder responder) {
    responder.send({.body = std::to_string(request.body.size())});
  });
  const std::string body(256 * 1024, 'b');
  RawClient client(server.port());
  EXPECT_EQ(client.ask(post(body)).body, "262144");
  const std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(client.ask(chunked + "40000\r\n" + body + "\r\n0\r\n\r\n").body, "262144");

  EXPECT_EQ(RawClient(server.port()).ask(post(body + "b")).status, 413);
  EXPECT_EQ(RawClient(server.port()).ask(chunked + "40000\r\n" + body + "\r\n1\r\nb").status, 413);
  // Refused by its length alone, before a byte of it has come.
  EXPECT_EQ(RawClient(server.port()).ask(with("Content-Length: 262145\r\n", "")).status, 413);
}

TEST(ServerLimits, ALargeBodyThatIsRefusedDoesNotResetTheAnswer) {
  TestServer server(echo);
  for (int i = 0; i < 20; ++i) {
    RawClient client(server.port());
    const Answer answer = client.ask(post(std::string(600'000, 'b')));
    EXPECT_EQ(answer.status, 413);
    EXPECT_TRUE(client.is_closed_by_server());
  }
}

TEST(ServerLimits, ARefusalReachesAClientThatSendsOnForLong) {
  TestServer server(echo);
  RawClient large(server.port());
  EXPECT_EQ(large.ask(post(std::string(32 * 1024 * 1024, 'b'))).status, 413);
  EXPECT_TRUE(large.is_closed_by_server());

  ServerConfig config = TestServer::quick_config();
  config.linger_timeout = std::chrono::milliseconds(200);
  TestServer patient(echo, config);
  RawClient slow(patient.port());
  slow.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  for (int i = 0; i < 10; ++i) {
    slow.send(std::string(1000, 'b'));
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
  }
  EXPECT_EQ(slow.read_answer().status, 413);
}

TEST(ServerLimits, AClientThatSendsOnAfterARefusalIsCutInTheEnd) {
  ServerConfig config = TestServer::quick_config();
  config.linger_timeout = std::chrono::milliseconds(200);
  config.linger_total = std::chrono::milliseconds(400);
  TestServer server(echo, config);
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  const auto start = std::chrono::steady_clock::now();
  while (server.server().stats().connections_open > 0) {
    ::send(client.descriptor(), "b", 1, MSG_NOSIGNAL);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ASSERT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  }
}

TEST(ServerLimits, AnEndlessChunkedBodyIsRefused) {
  TestServer server(echo);
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  std::string chunks;
  for (int i = 0; i < 20'000; ++i) {
    chunks += "1\r\nx\r\n";
  }
  EXPECT_EQ(client.ask(chunks).status, 413);
}

class Patience : public testing::Test {
 protected:
  static ServerConfig config() {
    ServerConfig config = TestServer::quick_config();
    config.idle_timeout = milliseconds(400);
    config.head_timeout = milliseconds(150);
    config.body_timeout = milliseconds(200);
    config.write_timeout = milliseconds(200);
    return config;
  }
  // The time from now to when the server has closed the connection.
  static milliseconds until_closed(RawClient& client) {
    const auto start = steady_clock::now();
    EXPECT_TRUE(client.is_closed_by_server());
    return std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
  }

  TestServer server_{echo, config()};
};

TEST_F(Patience, AnIdleConnectionIsClosedWithoutAWord) {
  RawClient silent(server_.port());
  EXPECT_GE(until_closed(silent), milliseconds(350));
  RawClient served(server_.port());
  EXPECT_EQ(served.ask(kGet).status, 200);
  EXPECT_GE(until_closed(served), milliseconds(350));
}

TEST_F(Patience, AHeadThatDripsIsA408InTotalNotByGaps) {
  RawClient client(server_.port());
  const auto start = steady_clock::now();
  std::thread drip([&] {
    for (int i = 0; i < 30 && steady_clock::now() - start < milliseconds(600); ++i) {
      client.send("G");
      std::this_thread::sleep_for(milliseconds(20));
    }
  });
  EXPECT_EQ(client.read_answer().status, 408);
  const auto waited = steady_clock::now() - start;
  EXPECT_GE(waited, milliseconds(140));
  EXPECT_LE(waited, milliseconds(500));
  drip.join();
}

TEST_F(Patience, TheHeadOfALaterRequestHasTheSameTime) {
  RawClient client(server_.port());
  EXPECT_EQ(client.ask(kGet).status, 200);
  client.send("GET / HTTP/1.1\r\n");
  const Answer answer = client.read_answer();
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST_F(Patience, ABodyThatDoesNotComeIsA408) {
  for (const std::string& request :
       {with("Content-Length: 5\r\n", "ab"), with("Transfer-Encoding: chunked\r\n", "5\r\nab")}) {
    RawClient client(server_.port());
    const auto start = steady_clock::now();
    EXPECT_EQ(client.ask(request).status, 408);
    EXPECT_GE(steady_clock::now() - start, milliseconds(190));
    EXPECT_TRUE(client.is_closed_by_server());
  }
}

TEST(ServerLimits, AClientThatDoesNotReadIsCut) {
  ServerConfig config = TestServer::quick_config();
  config.write_timeout = milliseconds(200);
  const auto large = std::make_shared<const std::string>(64 * 1024 * 1024, 'x');
  TestServer server(
      [&](const Request&, Responder responder) {
        responder.send({.shared_body = large, .compress = false});
      },
      config);
  RawClient client(server.port());
  client.send(kGet);
  const auto start = steady_clock::now();
  while (server.server().stats().connections_open != 0 || server.server().stats().requests == 0) {
    ASSERT_LE(steady_clock::now() - start, milliseconds(3000));
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_GE(steady_clock::now() - start, milliseconds(190));
}

TEST(ServerLimits, AHandlerMayTakeLongerThanAnyTimeout) {
  ServerConfig config = TestServer::quick_config();
  config.idle_timeout = milliseconds(30);
  config.head_timeout = milliseconds(30);
  std::thread worker;
  TestServer server(
      [&](const Request& request, Responder responder) {
        worker = std::thread([&request, responder = std::move(responder)]() mutable {
          std::this_thread::sleep_for(milliseconds(150));
          echo(request, std::move(responder));
        });
      },
      config);
  RawClient client(server.port());
  EXPECT_EQ(client.ask(kGet).status, 200);
  worker.join();
}

TEST(ServerLimits, ConnectionsOverTheLimitAreToldToComeBack) {
  ServerConfig config = TestServer::quick_config();
  config.connections_max = 2;
  TestServer server(echo, config);
  auto first = std::make_unique<RawClient>(server.port());
  RawClient second(server.port());
  EXPECT_EQ(first->ask(kGet).status, 200);
  EXPECT_EQ(second.ask(kGet).status, 200);
  {
    RawClient third(server.port());
    const Answer answer = third.read_answer();
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.header("Retry-After"), "1");
    EXPECT_EQ(answer.header("X-Request-Id").size(), 32U);
    EXPECT_TRUE(third.is_closed_by_server());
  }
  first.reset();
  while (server.server().stats().connections_open > 1) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_EQ(RawClient(server.port()).ask(kGet).status, 200);
  const ServerStats stats = server.server().stats();
  EXPECT_EQ(stats.connections_refused, 1U);
  EXPECT_EQ(stats.connections_accepted, 3U);
}

TEST(ServerLimits, OneAddressHasABoundOfItsOwn) {
  ServerConfig config = TestServer::quick_config();
  config.connections_max = 10;
  config.connections_per_address_max = 2;
  TestServer server(echo, config);
  auto first = std::make_unique<RawClient>(server.port());
  RawClient second(server.port());
  EXPECT_EQ(first->ask(kGet).status, 200);
  EXPECT_EQ(second.ask(kGet).status, 200);
  const Answer answer = RawClient(server.port()).read_answer();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("Retry-After"), "1");
  EXPECT_EQ(answer.body,
            R"({"errors":[{"message":"Your address has too many connections: 2, the limit )"
            R"(\"connections-per-address\" of this server."}]})");
  RawClient elsewhere(server.port(), "127.0.0.2");
  EXPECT_EQ(elsewhere.ask(kGet).status, 200);
  first.reset();
  while (server.server().stats().connections_open > 2) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_EQ(RawClient(server.port()).ask(kGet).status, 200);
}

TEST(ServerLimits, BodiesOfOneAddressTakeAPartOfTheMemoryForThem) {
  ServerConfig config = TestServer::quick_config();
  config.body_bytes_max = 100'000;
  config.body_memory_max = 400'000;
  TestServer server(echo, config);
  const std::string large(100'000, 'b');
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n";
  const std::string half(50'000, 'b');
  auto first = std::make_unique<RawClient>(server.port());
  first->send(head + half);
  while (server.server().stats().bytes_received < head.size() + half.size()) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  for (const std::string& framing :
       {std::string("Content-Length: 100000\r\n"), std::string("Transfer-Encoding: chunked\r\n")}) {
    RawClient second(server.port());
    second.send("POST / HTTP/1.1\r\nHost: a\r\n" + framing + "\r\n186a0\r\n" + large);
    const Answer refused = second.read_answer();
    EXPECT_EQ(refused.status, 503) << framing;
    EXPECT_EQ(refused.header("Retry-After"), "1");
    EXPECT_EQ(refused.body,
              R"({"errors":[{"message":"Too many large request bodies are under way, the limit )"
              R"(\"request-memory\" of this server."}]})");
  }
  // Small ones need no room, and other addresses have theirs.
  EXPECT_EQ(RawClient(server.port()).ask(post(std::string(16 * 1024, 's'))).status, 200);
  EXPECT_EQ(RawClient(server.port(), "127.0.0.2").ask(post(large)).status, 200);
  first->send(half);
  EXPECT_EQ(first->read_answer().status, 200);
  EXPECT_EQ(RawClient(server.port()).ask(post(large)).status, 200);
  // Nor is anything kept for a client that leaves in the middle.
  first->send(head + half);
  first.reset();
  while (server.server().stats().connections_open > 0) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_EQ(RawClient(server.port()).ask(post(large)).status, 200);
}

TEST(ServerLimits, ATrustedProxyHasTheConnectionsOfAllItsClients) {
  ServerConfig config = TestServer::quick_config();
  config.connections_per_address_max = 1;
  config.trusted_proxies = {*parse_network("127.0.0.0/8")};
  TestServer server(echo, config);
  RawClient first(server.port());
  RawClient second(server.port());
  EXPECT_EQ(first.ask(kGet).status, 200);
  EXPECT_EQ(second.ask(kGet).status, 200);
}

TEST(ServerLimits, AThousandIdleConnectionsDoNotDisturbOneThatWorks) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 8192);
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < 2100) {
    GTEST_SKIP() << "not enough descriptors";
  }
  TestServer server(echo, TestServer::quick_config(), 2);
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < 1000; ++i) {
    idle.push_back(std::make_unique<RawClient>(server.port()));
    ASSERT_EQ(idle.back()->ask(kGet).status, 200);
  }
  RawClient busy(server.port());
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(busy.ask(kGet).status, 200);
  }
  EXPECT_EQ(server.server().stats().connections_open, 1001U);
  EXPECT_EQ(idle.front()->ask(kGet).status, 200);
  EXPECT_EQ(server.server().drain(milliseconds(2000)).connections_cut, 0U);
  EXPECT_TRUE(idle.back()->is_closed_by_server());
}

}  // namespace
}  // namespace matricula::http
