#include <chrono>
#include <gtest/gtest.h>
#include <limits>
#include <optional>
#include <thread>

#include "http/testing_client.h"
#include "tests/memory/failing_new.h"

namespace matricula::http {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();

ServerConfig with_short_idle_timeout() {
  ServerConfig config = TestServer::quick_config();
  config.idle_timeout = milliseconds(150);
  return config;
}

TEST(HttpMemory, AServerIsDrainedOnceThereIsMemory) {
  for (std::uint64_t before = 0; before < 4; ++before) {
    TestServer server(echo);
    RawClient client(server.port());
    EXPECT_EQ(client.ask(post("a")).status, 200);
    FailingAllocations failing(before, 4);
    EXPECT_EQ(server.server().drain(milliseconds(2'000)).connections_cut, 0U);
  }
}

// Each tick in turn finds no memory, the first one too; deadlines hold all the same.
TEST(HttpMemory, TheTicksOfALoopGoOn) {
  for (std::uint64_t before = 0; before < 16; ++before) {
    std::optional<TestServer> server;
    server.emplace(echo, with_short_idle_timeout());
    std::this_thread::sleep_for(milliseconds(before % 4));
    {
      FailingAllocations failing(0, kAll);
      std::this_thread::sleep_for(milliseconds(30));
    }
    RawClient client(server->port());
    EXPECT_EQ(client.ask(post("a")).status, 200);
    EXPECT_TRUE(client.is_closed_by_server());
  }
}

}  // namespace
}  // namespace matricula::http
