#pragma once

#include <chrono>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "http/server.h"
#include "http/testing_body_pipe.h"
#include "http/testing_client.h"

namespace matricula::http {

inline constexpr std::size_t kLargeBytes = 8 * 1024 * 1024;

// A request.
inline std::string get(std::string_view fields = {}, std::string_view version = "1.1") {
  return "GET / HTTP/" + std::string(version) + "\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}

// Text that a client can tell from the same text with a part missing.
inline std::string numbers(std::size_t bytes) {
  std::string text;
  text.reserve(bytes + 16);
  for (int i = 0; text.size() < bytes; ++i) {
    text += std::to_string(i);
    text += i % 8 == 7 ? '\n' : ' ';
  }
  text.resize(bytes);
  return text;
}

// An answer with this body.
inline Response stream_of(std::unique_ptr<BodySource> source) {
  Response response{.content_type = "text/plain"};
  response.source = std::move(source);
  return response;
}

// Whether the condition holds before long.
template <typename Condition>
bool comes_true(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

// A server with a spool and a bound on memory.
class ServerBodyTest : public testing::Test {
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

  ~ServerBodyTest() override { stop(); }

  // Ends the server and waits for the producers: before what they refer to goes.
  void stop() {
    server_.reset();
    for (std::thread& producer : producers_) {
      producer.join();
    }
    producers_.clear();
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

}  // namespace matricula::http
