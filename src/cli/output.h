#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace matricula::cli {

// Standard output, which scripts read. Text is buffered and written in large pieces. After an
// error, which flush() returns, all further text is dropped.
class Output {
 public:
  explicit Output(int fd) : fd_(fd) {}

  void print(std::string_view text);
  // Writes the buffer. kIo: the first error of all writes so far.
  Result<void> flush();

 private:
  int fd_;
  std::string text_;
  Result<void> state_;
};

// Standard error, which people read. A message that cannot be written is no error, and a reader
// that does not read delays the program by kPatience once, not once a message. A stopped terminal
// is waited for without end: a person is reading it.
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
