#include "http/server.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mutex>
#include <thread>
#include <vector>

#include "http/listening.h"
#include "http/server_body_testing.h"
#include "http/testing_client.h"

namespace matricula::http {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kGet = "GET /a?b HTTP/1.1\r\nHost: test\r\n\r\n";

TEST(Server, AnswersWithTheRequestIdDateAndLength) {
  TestServer server(echo);
  RawClient client(server.port());
  const Answer answer = client.ask(kGet);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "GET /a b ");
  EXPECT_THAT(answer.header("X-Request-Id"), testing::MatchesRegex("[0-9a-f]{32}"));
  EXPECT_THAT(answer.header("Date"), testing::EndsWith(" GMT"));
  EXPECT_EQ(answer.header("Content-Length"), "9");
  EXPECT_EQ(answer.header("Connection"), "");
  EXPECT_NE(client.ask(kGet).header("X-Request-Id"), answer.header("X-Request-Id"));
}

TEST(Server, TellsTheHandlerAllOfTheRequest) {
  TestServer server([](const Request& request, Responder responder) {
    EXPECT_EQ(request.remote_address, "127.0.0.1");
    EXPECT_FALSE(request.tls);
    EXPECT_EQ(request.loop, 0U);
    EXPECT_EQ(request.header("x-thing"), "1");
    EXPECT_EQ(request.body, "body");
    EXPECT_EQ(request.request_id.size(), 32U);
    responder.send({.status = 204});
  });
  RawClient client(server.port());
  const Answer answer = client.ask(post("body", "X-Thing: 1\r\n"));
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.header("Content-Length"), "");
}

TEST(Server, PipelinedRequestsAreAnsweredInOrder) {
  TestServer server(echo);
  RawClient client(server.port());
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all += post("number " + std::to_string(i));
  }
  client.send(all);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(client.read_answer().body, "POST /echo  number " + std::to_string(i));
  }
}

TEST(Server, PipelinedRequestsStayInOrderWhenTheFirstIsSlow) {
  std::vector<std::thread> workers;
  TestServer server([&](const Request& request, Responder responder) {
    if (request.path != "/slow") {
      echo(request, std::move(responder));
      return;
    }
    workers.emplace_back([&request, responder = std::move(responder)]() mutable {
      std::this_thread::sleep_for(milliseconds(30));
      echo(request, std::move(responder));
    });
  });
  RawClient client(server.port());
  client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(kGet));
  EXPECT_EQ(client.read_answer().body, "GET /slow  ");
  EXPECT_EQ(client.read_answer().body, "GET /a b ");
  for (std::thread& worker : workers) {
    worker.join();
  }
}

TEST(Server, TheConnectionIsKeptOrClosedAsTheClientAsks) {
  TestServer server(echo);
  RawClient closing(server.port());
  EXPECT_EQ(
      closing.ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").header("Connection"),
      "close");
  EXPECT_TRUE(closing.is_closed_by_server());
  RawClient old(server.port());
  EXPECT_EQ(old.ask("GET / HTTP/1.0\r\n\r\n").header("Connection"), "close");
  EXPECT_TRUE(old.is_closed_by_server());
  RawClient old_keeping(server.port());
  const std::string_view keep = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  EXPECT_EQ(old_keeping.ask(keep).header("Connection"), "keep-alive");
  EXPECT_EQ(old_keeping.ask(keep).status, 200);
}

TEST(Server, AClientThatHasFinishedSendingStillGetsItsAnswer) {
  TestServer server(echo);
  RawClient client(server.port());
  client.send(kGet);
  client.finish_sending();
  EXPECT_EQ(client.read_answer().status, 200);
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST(Server, HeadHasTheLengthButNotTheBody) {
  TestServer server(echo);
  RawClient client(server.port());
  client.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(kGet));
  EXPECT_EQ(client.read_answer(true).header("Content-Length"), "9");
  EXPECT_EQ(client.read_answer().body, "GET /a b ");
}

TEST(Server, ChunkedBodiesAreJoined) {
  TestServer server(echo);
  RawClient client(server.port());
  client.send("POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nab");
  std::this_thread::sleep_for(milliseconds(5));
  client.send("cd\r\n2\r\nef\r\n0\r\n\r\n" + std::string(kGet));
  EXPECT_EQ(client.read_answer().body, "POST /c  abcdef");
  EXPECT_EQ(client.read_answer().body, "GET /a b ");
}

TEST(Server, AClientThatExpectsToContinueIsToldSo) {
  TestServer server(echo);
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_answer().status, 100);
  EXPECT_EQ(client.ask("ab").body, "POST /  ab");
  const Answer refused = client.ask(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(refused.status, 413);
}

TEST(Server, AResponderThatIsDroppedAnswers500) {
  TestServer server([](const Request&, const Responder&) {});
  RawClient client(server.port());
  const Answer answer = client.ask(kGet);
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, R"({"errors":[{"message":"Internal server error."}]})");
  EXPECT_EQ(answer.header("X-Request-Id").size(), 32U);
  EXPECT_EQ(client.ask(kGet).status, 500);
}

TEST(Server, FieldsCanBeAddedToEveryAnswerRefusalsIncluded) {
  ServerConfig config = TestServer::quick_config();
  config.add_fields = [](const Request& request, HeaderLines& fields) {
    fields.add("X-Path", request.path);
  };
  TestServer server(echo, config);
  EXPECT_EQ(RawClient(server.port()).ask(kGet).header("X-Path"), "/a");
  EXPECT_EQ(RawClient(server.port())
                .ask("POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n")
                .header("X-Path"),
            "/large");
  const Answer malformed = RawClient(server.port()).ask("nonsense\r\n\r\n");
  EXPECT_EQ(malformed.status, 400);
  EXPECT_EQ(malformed.header("X-Path"), "");
}

TEST(Server, AnAnswerAfterTheClientHasGoneIsDropped) {
  std::mutex mutex;
  std::vector<Responder> held;
  TestServer server([&](const Request&, Responder responder) {
    const std::lock_guard lock(mutex);
    held.push_back(std::move(responder));
  });
  {
    RawClient client(server.port());
    client.send(kGet);
    ASSERT_TRUE(comes_true([&] {
      const std::lock_guard lock(mutex);
      return !held.empty();
    }));
  }
  const std::lock_guard lock(mutex);
  held.front().send({.body = std::string(100'000, 'x'), .compress = false});
  held.clear();
  EXPECT_TRUE(comes_true([&] {
    const ServerStats stats = server.server().stats();
    return stats.requests_in_flight == 0 && stats.connections_open == 0;
  }));
}

TEST(Server, LargeAndSharedBodiesArriveWhole) {
  const auto shared = std::make_shared<const std::string>(3'000'000, 's');
  TestServer server([&](const Request& request, Responder responder) {
    Response response{.body = std::string(70'000, 'b')};
    if (request.path == "/shared") {
      response.shared_body = shared;
    }
    responder.send(std::move(response));
  });
  RawClient client(server.port());
  EXPECT_EQ(client.ask(kGet).body, std::string(70'000, 'b'));
  EXPECT_EQ(client.ask("GET /shared HTTP/1.1\r\nHost: a\r\n\r\n").body, *shared);
}

TEST(Server, CompressesOnRequestAboveTheMinimum) {
  TestServer server([](const Request& request, Responder responder) {
    Response response{.content_type = "text/plain",
                      .body = std::string(request.path == "/small" ? 2048 : 2049, 'x')};
    response.compress = request.path != "/plain";
    responder.send(std::move(response));
  });
  RawClient client(server.port());
  const auto ask = [&](std::string_view path, std::string_view accept) {
    const Answer answer =
        client.ask("GET " + std::string(path) +
                   " HTTP/1.1\r\nHost: a\r\nAccept-Encoding: " + std::string(accept) + "\r\n\r\n");
    return answer.header("Content-Encoding") + "|" + answer.header("Vary") + "|" +
           (answer.body.size() < 2000 ? "short" : "long");
  };
  EXPECT_EQ(ask("/", "gzip"), "gzip|Accept-Encoding|short");
  EXPECT_EQ(ask("/", "zstd, gzip"), "zstd|Accept-Encoding|short");
  EXPECT_EQ(ask("/", "br"), "|Accept-Encoding|long");
  EXPECT_EQ(ask("/small", "gzip"), "||long");
  EXPECT_EQ(ask("/plain", "gzip"), "||long");
}

TEST(Server, HeadHasTheLengthThatTheCompressedBodyHas) {
  TestServer server([](const Request&, Responder responder) {
    responder.send({.content_type = "text/plain", .body = std::string(20'000, 'x')});
  });
  RawClient client(server.port());
  const std::string rest = " / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n";
  client.send("HEAD" + rest);
  const Answer head = client.read_answer(true);
  const Answer whole = client.ask("GET" + rest);
  EXPECT_EQ(head.header("Content-Encoding"), "gzip");
  EXPECT_EQ(head.header("Content-Length"), whole.header("Content-Length"));
  EXPECT_EQ(whole.header("Content-Length"), std::to_string(whole.body.size()));
}

TEST(Server, ReportsEveryRequestToItsObserver) {
  std::mutex mutex;
  std::vector<std::string> seen;
  ServerConfig config = TestServer::quick_config();
  config.on_request = [&](const RequestSummary& summary) {
    const std::lock_guard lock(mutex);
    seen.push_back(std::string(summary.method) + " " + std::string(summary.path) + " " +
                   std::to_string(summary.status));
    EXPECT_GT(summary.bytes_sent, 100U);
  };
  {
    TestServer server(echo, config);
    RawClient client(server.port());
    client.ask(kGet);
    client.ask("GET / HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(client.is_closed_by_server());
    const ServerStats stats = server.server().stats();
    EXPECT_EQ(stats.requests, 2U);
    EXPECT_EQ(stats.connections_accepted, 1U);
    EXPECT_EQ(stats.requests_in_flight, 0U);
    EXPECT_GT(stats.bytes_received, 30U);
    EXPECT_GT(stats.bytes_sent, 200U);
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"GET /a 200", "  400"}));
}

TEST(Server, ListensOnIpv6) {
  const SystemClock clock;
  NullLogger logger;
  const auto server = Server::start({.address = "::", .port = 0, .loops = 1}, echo, clock, logger);
  if (!server) {
    GTEST_SKIP() << server.error().message;
  }
  RawClient client((*server)->port());
  EXPECT_EQ(client.ask(kGet).status, 200);
}

TEST(Server, SaysWhyItCannotStart) {
  const SystemClock clock;
  NullLogger logger;
  const auto message = [&](ServerConfig config) {
    const auto started = Server::start(std::move(config), echo, clock, logger);
    return started ? "started" : started.error().message;
  };
  EXPECT_EQ(message({.address = "localhost"}),
            "The listen address \"localhost\" is not an IP address. Give one such as 127.0.0.1, "
            "0.0.0.0, ::1 or ::.");
  TestServer other(echo);
  EXPECT_EQ(message({.port = other.port()}),
            "Cannot listen on 127.0.0.1:" + std::to_string(other.port()) +
                ": the port is in use. Stop the program that has it, or choose another port.");
  EXPECT_EQ(message({.address = "192.0.2.1", .port = 0}),
            "Cannot listen on 192.0.2.1:0: this machine does not have that address. Choose one of "
            "its own, or 0.0.0.0 or :: for all.");
  EXPECT_EQ(
      listening_failure({.port = 80}, {EMFILE, boost::system::system_category()}).value().message,
      "Cannot listen on 127.0.0.1:80: too many files are open. Raise the limit (ulimit -n, "
      "LimitNOFILE=).");
}

TEST(Server, SpreadsConnectionsOverItsLoops) {
  std::array<std::atomic<int>, 2> requests{};
  TestServer server(
      [&](const Request& request, Responder responder) {
        ++requests.at(request.loop);
        echo(request, std::move(responder));
      },
      TestServer::quick_config(), 2);
  for (int i = 0; i < 64; ++i) {
    RawClient client(server.port());
    ASSERT_EQ(client.ask(kGet).status, 200);
  }
  EXPECT_GT(requests[0], 0);
  EXPECT_GT(requests[1], 0);
}

TEST(Server, DrainAnswersWhatHasBegunAndClosesTheRest) {
  std::atomic<int> answered = 0;
  std::vector<std::thread> workers;
  TestServer server([&](const Request& request, Responder responder) {
    workers.emplace_back([&, responder = std::move(responder)]() mutable {
      std::this_thread::sleep_for(milliseconds(50));
      ++answered;
      echo(request, std::move(responder));
    });
  });
  RawClient busy(server.port());
  RawClient half(server.port());
  RawClient idle(server.port());
  EXPECT_EQ(idle.ask(kGet).status, 200);
  busy.send(kGet);
  half.send(post("ab").substr(0, 40));
  std::this_thread::sleep_for(milliseconds(10));
  std::thread drainer(
      [&] { EXPECT_EQ(server.server().drain(milliseconds(3000)).connections_cut, 0U); });
  std::this_thread::sleep_for(milliseconds(20));
  half.send(post("ab").substr(40));
  const Answer answer = busy.read_answer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_EQ(half.read_answer().status, 200);
  EXPECT_TRUE(idle.is_closed_by_server());
  EXPECT_TRUE(half.is_closed_by_server());
  EXPECT_TRUE(busy.is_closed_by_server());
  for (RawClient* client : {&busy, &half, &idle}) {
    client->finish_sending();
  }
  drainer.join();
  for (std::thread& worker : workers) {
    worker.join();
  }
  EXPECT_EQ(answered, 3);
}

TEST(Server, DrainUnderLoadLosesNoRequestThatWasAnswered) {
  std::atomic<int> handled = 0;
  std::atomic<int> answered = 0;
  auto server = std::make_unique<TestServer>(
      [&](const Request& request, Responder responder) {
        ++handled;
        echo(request, std::move(responder));
      },
      TestServer::quick_config(), 2);
  std::array<std::thread, 8> clients;
  for (std::thread& thread : clients) {
    thread = std::thread([&, port = server->port()] {
      RawClient client(port);
      while (true) {
        const Answer answer = client.ask(post("x"));
        answered += answer.status == 200 ? 1 : 0;
        if (answer.status == 0 || answer.header("Connection") == "close") {
          return;
        }
      }
    });
  }
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_EQ(server->server().drain(milliseconds(3000)).connections_cut, 0U);
  for (std::thread& client : clients) {
    client.join();
  }
  EXPECT_EQ(handled, answered);
  EXPECT_GT(answered, 8);
}

TEST(Server, DrainCutsWhatIsLeftAtItsDeadline) {
  TestServer server(echo);
  RawClient half(server.port());
  half.send("GET / HT");
  std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(server.server().drain(milliseconds(50)).connections_cut, 1U);
  EXPECT_TRUE(half.is_closed_by_server());
}

}  // namespace
}  // namespace matricula::http
