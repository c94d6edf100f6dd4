#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/log.h"

namespace matricula {

// Hands lines on to another logger, and holds floods back: what every request meets while a store
// is down would fill a disk and hide all else.
//
// Of the warnings and errors that bear one message, kLinesPerSecond a second are handed on. The
// rest of that second is one line with the message and `heldBack`, how many there were; it is
// written when the second is over and the message comes again, or by report_held_back(), or at the
// end. Lines of other levels are handed on as they are. Safe to call from any thread; `logger` and
// `clock` must outlive it.
class FloodGuard final : public Logger {
 public:
  static constexpr int kLinesPerSecond = 10;
  // Messages are texts of ours and few. Should there be more, those beyond are not held back.
  static constexpr std::size_t kMessagesMax = 64;

  FloodGuard(Logger& logger, const Clock& clock) : logger_(logger), clock_(clock) {}
  ~FloodGuard() override;

  void log(LogLevel level, std::string_view message,
           std::initializer_list<LogField> fields) override;
  // Writes the lines of seconds that are over. Meant to be called once a second.
  void report_held_back();

 private:
  struct Second {
    std::chrono::nanoseconds began;
    LogLevel level;
    int lines = 0;
    std::uint64_t held_back = 0;
  };
  // Whether a line is to be handed on.
  bool admit(LogLevel level, std::string_view message);
  void report(const std::string& message, Second& second);

  Logger& logger_;
  const Clock& clock_;
  std::mutex mutex_;  // guards the next one
  std::map<std::string, Second, std::less<>> seconds_;
};

}  // namespace matricula
