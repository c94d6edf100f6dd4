#pragma once

#include "base/clock.h"
#include "base/log.h"
#include "base/log_writer.h"

namespace matricula {

// Logs to a file descriptor, and never waits for it: of lines that the reader does not accept,
// `queue_bytes_max` wait, and those beyond are counted in a line with `heldBack`. Lines below
// `minimum` are dropped.
class QueuedLogger final : public Logger {
 public:
  static constexpr std::size_t kQueueBytes = std::size_t{1024} * 1024;

  QueuedLogger(const Clock& clock, int fd, LogLevel minimum,
               std::size_t queue_bytes_max = kQueueBytes);
  void log(LogLevel level, std::string_view message,
           std::initializer_list<LogField> fields) override;

 private:
  const Clock& clock_;
  LogLevel minimum_;
  LogWriter writer_;
};

}  // namespace matricula
