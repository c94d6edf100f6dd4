#include "base/log.h"

#include <string>
#include <unistd.h>

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

}  // namespace

void JsonLogger::log(LogLevel level, std::string_view message,
                     std::initializer_list<LogField> fields) {
  if (level < minimum_) {
    return;
  }
  std::string line = R"({"time":")" + time_text(clock_.now()) + R"(","level":")";
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
  // A log that cannot be written has nowhere to say so.
  [[maybe_unused]] const auto written = ::write(fd_, line.data(), line.size());
}

}  // namespace matricula
