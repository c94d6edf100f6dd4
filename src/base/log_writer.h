#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace matricula {

// Writes lines to a descriptor from a thread of its own: a reader that does not read, and a disk
// that is full, cost lines, never the time of the caller.
//
// At most `queue_bytes_max` wait to be written; a line beyond is dropped. Dropped lines, and lines
// that could not be written, are counted, and `notice` makes the line that names their number: it
// is written before the next line that gets through. Safe to call from any thread; `notice` is
// called from the writing thread, until the destructor returns.
class LogWriter {
 public:
  using Notice = std::function<std::string(std::uint64_t dropped)>;

  LogWriter(int fd, std::size_t queue_bytes_max, Notice notice);
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;
  // Writes what waits, for as long as kFinish; what the reader does not take by then is lost.
  ~LogWriter();

  // Queues a line with its line feed. Never blocks on the descriptor, never fails.
  void write(std::string line);

  static constexpr std::chrono::milliseconds kFinish{1'000};

 private:
  struct State;
  // Shared with the thread, which outlives the writer where a write does not return.
  std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace matricula
