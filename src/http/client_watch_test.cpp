#include "http/client_watch.h"

#include <gtest/gtest.h>
#include <mutex>
#include <optional>
#include <thread>

#include "http/testing_client.h"

namespace matricula::http {
namespace {

using std::chrono::milliseconds;

TEST(ClientWatch, ARequestIsToldWhenItsClientHasGoneWhileItIsHandled) {
  std::mutex mutex;
  const Request* handled = nullptr;
  std::optional<Responder> held;
  TestServer server([&](const Request& request, Responder responder) {
    const std::lock_guard lock(mutex);
    handled = &request;
    held.emplace(std::move(responder));
  });
  const auto wait_until = [&](const auto& holds) {
    for (int i = 0; i < 500; ++i) {
      {
        const std::lock_guard lock(mutex);
        if (holds()) {
          return true;
        }
      }
      std::this_thread::sleep_for(milliseconds(10));
    }
    return false;
  };
  {
    RawClient client(server.port());
    client.send(post("x"));
    ASSERT_TRUE(wait_until([&] { return handled != nullptr; }));
    std::this_thread::sleep_for(milliseconds(600));
    EXPECT_FALSE(handled->is_client_gone());
  }
  EXPECT_TRUE(wait_until([&] { return handled->is_client_gone(); }));
  held->send({.status = 200});
}

}  // namespace
}  // namespace matricula::http
