#pragma once

#include <initializer_list>
#include <string_view>
#include <utility>

#include "base/clock.h"

namespace matricula {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// One named value of a log line.
struct LogField {
  std::string_view name;
  std::string_view value;
  bool is_number = false;  // `value` is a number of JSON, and written as one
};

// Writes one JSON object a line: time, level, message, fields. Safe to call from any thread; a line
// is written with a single write() and never interleaves with another. Secrets never reach it:
// callers log ids, and no caller logs a header, a variable or a document.
class Logger {
 public:
  virtual ~Logger() = default;
  virtual void log(LogLevel level, std::string_view message,
                   std::initializer_list<LogField> fields = {}) = 0;
};

class NullLogger final : public Logger {
 public:
  void log(LogLevel, std::string_view, std::initializer_list<LogField>) override {}
};

}  // namespace matricula
