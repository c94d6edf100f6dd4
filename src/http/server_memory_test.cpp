// What becomes of a request for which there is no memory, over real sockets.

#include <gtest/gtest.h>
#include <memory>
#include <new>
#include <thread>

#include "http/server.h"
#include "http/testing_client.h"

namespace matricula::http {
namespace {

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

void expect_unavailable(const Answer& answer) {
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("Retry-After"), "1");
  EXPECT_EQ(answer.body,
            R"({"errors":[{"message":"The server is out of memory; try again in a second."}]})");
}

TEST(ServerMemory, AHandlerThatFindsNoneIsAnsweredAndTheServerGoesOn) {
  bool has_memory = false;
  TestServer server([&](const Request& request, Responder responder) {
    Responder held = std::move(responder);
    if (!has_memory) {
      throw std::bad_alloc();
    }
    echo(request, std::move(held));
  });
  RawClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    expect_unavailable(client.ask(kGet));
    expect_unavailable(RawClient(server.port()).ask(kGet));
  }
  has_memory = true;
  EXPECT_EQ(client.ask(kGet).status, 200);
}

TEST(ServerMemory, AWorkerThatFindsNoneIsAnsweredToo) {
  TestServer server([](const Request&, Responder responder) {
    std::thread([held = std::make_shared<Responder>(std::move(responder))]() mutable {
      try {
        const std::shared_ptr<Responder> mine = std::move(held);
        throw std::bad_alloc();
      } catch (const std::bad_alloc&) {
        return;
      }
    }).join();
  });
  RawClient client(server.port());
  expect_unavailable(client.ask(kGet));
  expect_unavailable(client.ask(kGet));
}

// Stands for a Responder whose answer finds no memory: its connection is closed.
class DroppingSink final : public ReplySink {
 public:
  explicit DroppingSink(bool& dropped) : dropped_(dropped) {}
  void reply(Response&&) override { throw std::bad_alloc(); }
  void drop() noexcept override { dropped_ = true; }

 private:
  bool& dropped_;
};

TEST(ServerMemory, AnAnswerThatFindsNoneIsDropped) {
  bool dropped = false;
  { const Responder responder(std::make_shared<DroppingSink>(dropped)); }
  EXPECT_TRUE(dropped);
}

}  // namespace
}  // namespace matricula::http
