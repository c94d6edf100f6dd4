#include "base/queued_log.h"

#include <fmt/format.h>
#include <string>

#include "base/escape.h"
#include "base/time_text.h"

namespace matricula {
namespace {

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

std::string log_line(const Clock& clock, LogLevel level, std::string_view message,
                     std::initializer_list<LogField> fields) {
  std::string line = R"({"time":")" + time_text(clock.now()) + R"(","level":")";
  line += level_name(level);
  line += R"(","message":)";
  append_json_string(line, message);
  for (const LogField& field : fields) {
    line += ',';
    append_json_string(line, field.name);
    line += ':';
    if (field.is_number) {
      line += field.value;
    } else {
      append_json_string(line, field.value);
    }
  }
  line += "}\n";
  return line;
}

}  // namespace

QueuedLogger::QueuedLogger(const Clock& clock, int fd, LogLevel minimum,
                           std::size_t queue_bytes_max)
    : clock_(clock),
      minimum_(minimum),
      writer_(fd, queue_bytes_max, [&clock](std::uint64_t dropped) {
        return log_line(clock, LogLevel::kWarning,
                        "lines of the log were dropped; its reader or its disk does not keep up",
                        {{"heldBack", fmt::to_string(dropped), true}});
      }) {}

void QueuedLogger::log(LogLevel level, std::string_view message,
                       std::initializer_list<LogField> fields) {
  if (level >= minimum_) {
    writer_.write(log_line(clock_, level, message, fields));
  }
}

}  // namespace matricula
