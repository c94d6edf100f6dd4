#include "base/log_flood.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace matricula {
namespace {

using std::chrono::milliseconds;

// Lines as "message name=value".
class Lines final : public Logger {
 public:
  void log(LogLevel, std::string_view message, std::initializer_list<LogField> fields) override {
    std::string line(message);
    for (const LogField& field : fields) {
      line += fmt::format(" {}={}", field.name, field.value);
    }
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
  }
  std::vector<std::string> take() { return std::exchange(lines_, {}); }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

class LogFlood : public testing::Test {
 protected:
  void log(int times, std::string_view message, LogLevel level = LogLevel::kError) {
    for (int i = 0; i < times; ++i) {
      guard_->log(level, message, {});
    }
  }

  ManualClock clock_;
  Lines lines_;
  std::unique_ptr<FloodGuard> guard_ = std::make_unique<FloodGuard>(lines_, clock_);
};

constexpr std::size_t kLines = FloodGuard::kLinesPerSecond;

TEST_F(LogFlood, UpToTheBoundEveryLineIsWrittenAndNoneBeyond) {
  guard_->log(LogLevel::kError, "failed", {{"requestId", "1"}});
  EXPECT_EQ(lines_.take(), std::vector<std::string>{"failed requestId=1"});
  log(FloodGuard::kLinesPerSecond - 1, "failed");
  EXPECT_EQ(lines_.take(), std::vector<std::string>(kLines - 1, "failed"));
  log(1, "failed");
  EXPECT_EQ(lines_.take(), std::vector<std::string>{});
}

TEST_F(LogFlood, WhatWasHeldBackIsCountedWhenItsSecondIsOver) {
  log(FloodGuard::kLinesPerSecond + 7, "failed");
  lines_.take();
  clock_.advance(milliseconds(999));
  guard_->report_held_back();
  log(1, "failed");
  EXPECT_EQ(lines_.take(), std::vector<std::string>{});
  clock_.advance(milliseconds(1));
  log(1, "failed");
  EXPECT_EQ(lines_.take(), (std::vector<std::string>{"failed heldBack=8", "failed"}));
}

TEST_F(LogFlood, AFloodThatEndedIsToldOfOnce) {
  log(FloodGuard::kLinesPerSecond + 2, "failed");
  lines_.take();
  clock_.advance(milliseconds(1'000));
  guard_->report_held_back();
  guard_->report_held_back();
  EXPECT_EQ(lines_.take(), std::vector<std::string>{"failed heldBack=2"});
  log(FloodGuard::kLinesPerSecond + 3, "failed");
  lines_.take();
  guard_.reset();
  EXPECT_EQ(lines_.take(), std::vector<std::string>{"failed heldBack=3"});
}

TEST_F(LogFlood, OtherMessagesAndLowerLevelsAreNotHeldBack) {
  log(FloodGuard::kLinesPerSecond + 1, "failed");
  lines_.take();
  log(1, "other");
  log(FloodGuard::kLinesPerSecond + 1, "request", LogLevel::kInfo);
  EXPECT_EQ(lines_.take().size(), kLines + 2);
}

TEST_F(LogFlood, MoreMessagesThanAreKeptAreWrittenAsTheyCome) {
  for (std::size_t i = 0; i <= FloodGuard::kMessagesMax; ++i) {
    log(FloodGuard::kLinesPerSecond + 1, fmt::to_string(i));
  }
  EXPECT_EQ(lines_.take().size(), FloodGuard::kMessagesMax * kLines + kLines + 1);
}

TEST_F(LogFlood, OfManyThreadsEveryLineIsWrittenOrCounted) {
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([this] { log(1'000, "failed"); });
    }
  }
  guard_.reset();
  std::vector<std::string> expected(kLines, "failed");
  expected.push_back(fmt::format("failed heldBack={}", 4'000 - kLines));
  EXPECT_EQ(lines_.take(), expected);
}

}  // namespace
}  // namespace matricula
