#include "cli/output.h"

#include <unistd.h>

#include "base/descriptor.h"

namespace matricula::cli {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} * 1024;

}  // namespace

void Output::print(std::string_view text) {
  if (!state_) {
    return;
  }
  text_ += text;
  if (text_.size() >= kBufferBytes) {
    [[maybe_unused]] const Result<void> kept = flush();
  }
}

Result<void> Output::flush() {
  if (state_ && !text_.empty()) {
    if (const Result<void> written = write_all(fd_, text_); !written) {
      state_ = fail(ErrorCode::kIo, "cannot write to standard output: " + written.error().message);
    }
    text_.clear();
  }
  return state_;
}

void Messages::print(std::string_view line) {
  [[maybe_unused]] const Result<void> written = write(std::string(line) + '\n');
}

Messages::Messages(int fd) : fd_(fd), is_terminal_(::isatty(fd) == 1) {}

Result<void> Messages::write(std::string_view text) {
  if (is_terminal_) {
    return write_all(fd_, text);
  }
  const Result<void> written =
      write_within(fd_, text, is_stalled_ ? std::chrono::milliseconds(0) : kPatience);
  is_stalled_ = !written && written.error().code == ErrorCode::kTimeout;
  return written;
}

}  // namespace matricula::cli
