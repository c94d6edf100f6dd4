#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace matricula::cli {

// What scripts read: standard output. Text is collected and written in large pieces. An error is
// kept, and what is printed after it is dropped: flush() returns it.
class Output {
 public:
  explicit Output(int fd) : fd_(fd) {}

  void print(std::string_view text);
  // Writes what is collected. The first error of all writes so far; kIo.
  Result<void> flush();

 private:
  int fd_;
  std::string text_;
  Result<void> state_;
};

// What people read: standard error. A message that cannot be written changes nothing, and a reader
// that does not read delays the program by kPatience once, not once a message. A terminal is waited
// for: who stops it wants to read.
class Messages {
 public:
  explicit Messages(int fd);

  bool is_terminal() const { return is_terminal_; }

  // A line; the line feed is added.
  void print(std::string_view line);
  // Text as it is. The error says that it was not written to its end.
  Result<void> write(std::string_view text);

  static constexpr std::chrono::milliseconds kPatience{1'000};

 private:
  int fd_;
  bool is_terminal_;
  bool is_stalled_ = false;
};

}  // namespace matricula::cli
