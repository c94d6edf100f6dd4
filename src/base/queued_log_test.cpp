#include "base/queued_log.h"

#include <array>
#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <optional>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace matricula {
namespace {

class Log : public testing::Test {
 protected:
  Log() { EXPECT_EQ(::pipe(pipe_.data()), 0); }
  ~Log() override {
    ::close(pipe_[0]);
    ::close(pipe_[1]);
  }

  void start(std::size_t queue_bytes = QueuedLogger::kQueueBytes) {
    logger_.emplace(clock_, pipe_[1], LogLevel::kInfo, queue_bytes);
  }
  void log(std::string_view message) { logger_->log(LogLevel::kInfo, message, {}); }
  // Reads until the text ends with `end`, or to the end of the pipe where that is empty.
  std::string read_to(std::string_view end) {
    std::string text;
    std::array<char, 4'096> buffer = {};
    while (end.empty() || !text.ends_with(end)) {
      const ssize_t size = ::read(pipe_[0], buffer.data(), buffer.size());
      if (size <= 0) {
        break;
      }
      text.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return text;
  }
  static std::string line(std::string_view message) {
    return fmt::format(
        "{{\"time\":\"2026-01-01T00:00:00Z\",\"level\":\"info\",\"message\":\"{}\"}}\n", message);
  }

  ManualClock clock_;
  std::array<int, 2> pipe_ = {};
  std::optional<QueuedLogger> logger_;
};

TEST_F(Log, ALineIsOneJsonObjectAndLowerLevelsAreLeftOut) {
  start();
  logger_->log(LogLevel::kDebug, "not seen", {});
  logger_->log(LogLevel::kError, "failed", {{"error", "a \"quote\""}});
  logger_.reset();
  EXPECT_EQ(read_to("}\n"),
            "{\"time\":\"2026-01-01T00:00:00Z\",\"level\":\"error\",\"message\":\"failed\","
            "\"error\":\"a \\\"quote\\\"\"}\n");
}

TEST_F(Log, TextIsWrittenAsTextAndNumbersAsNumbers) {
  start();
  logger_->log(LogLevel::kInfo, "request", {{"path", "a\"b"}, {"status", "200", true}});
  logger_.reset();
  EXPECT_EQ(read_to("}\n"), R"({"time":"2026-01-01T00:00:00Z","level":"info","message":"request",)"
                            R"("path":"a\"b","status":200})"
                            "\n");
}

TEST_F(Log, AReaderThatDoesNotReadDelaysNeitherCallersNorTheEnd) {
  start();
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 20'000; ++i) {
    log("a line of a log whose reader does not read");
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
  const auto ended = std::chrono::steady_clock::now();
  logger_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - ended, LogWriter::kFinish * 3);
  // The writing thread may still be at it: the pipe stays open, so that no other gets its numbers.
  pipe_ = {-1, -1};
}

TEST_F(Log, EveryLineIsWrittenOrCounted) {
  start(10'000);
  constexpr int kLines = 5'000;
  for (int i = 0; i < kLines; ++i) {
    log("line");
  }
  // From here on the pipe is read, and what is queued gets through.
  std::jthread ender([this] {
    logger_.reset();
    ::close(std::exchange(pipe_[1], -1));
  });
  const std::string text = read_to({});
  int written = 0;
  int held_back = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    const std::string one = text.substr(at, end + 1 - at);
    at = end + 1;
    written += one == line("line") ? 1 : 0;
    if (const std::size_t count = one.find("\"heldBack\":"); count != std::string::npos) {
      held_back += std::stoi(one.substr(count + 11));
    }
  }
  EXPECT_GT(held_back, 0);
  EXPECT_EQ(written + held_back, kLines);
}

TEST_F(Log, ADiskThatIsFullCostsLinesOnly) {
  const int full = ::open("/dev/full", O_WRONLY);
  ASSERT_GE(full, 0);
  logger_.emplace(clock_, full, LogLevel::kInfo);
  const auto began = std::chrono::steady_clock::now();
  log("lost");
  logger_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - began, LogWriter::kFinish * 3);
  ::close(full);
}

TEST_F(Log, ALineAfterOneThatWasWrittenInPartBeginsItsOwn) {
  // A file that may have five bytes stands for a full disk; the signal says that a write failed.
  static std::atomic<bool> has_failed;
  has_failed = false;
  const auto old_handler = std::signal(SIGXFSZ, [](int) { has_failed = true; });
  const std::string path = testing::TempDir() + "matricula_log_" + std::to_string(::getpid());
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit five_bytes{.rlim_cur = 5, .rlim_max = before.rlim_max};
  {
    LogWriter writer(file, 100,
                     [](std::uint64_t dropped) { return fmt::format("dropped {}\n", dropped); });
    ::setrlimit(RLIMIT_FSIZE, &five_bytes);
    writer.write("first line\n");
    while (!has_failed) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ::setrlimit(RLIMIT_FSIZE, &before);
    writer.write("second\n");
  }
  std::array<char, 100> text = {};
  const ssize_t size = ::pread(file, text.data(), text.size(), 0);
  EXPECT_EQ(std::string(text.data(), static_cast<std::size_t>(size)), "first\ndropped 1\nsecond\n");
  ::close(file);
  ::unlink(path.c_str());
  std::signal(SIGXFSZ, old_handler);
}

TEST_F(Log, TheQueueTakesItsBoundAndNotAByteMore) {
  {
    LogWriter writer(pipe_[1], 10,
                     [](std::uint64_t dropped) { return fmt::format("dropped {}\n", dropped); });
    writer.write("0123456789\n");
    writer.write("012345678\n");
  }
  EXPECT_EQ(read_to("8\n"), "dropped 1\n012345678\n");
}

}  // namespace
}  // namespace matricula
