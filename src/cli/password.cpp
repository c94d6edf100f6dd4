#include "cli/password.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <sys/signalfd.h>
#include <system_error>
#include <termios.h>
#include <unistd.h>

#include "auth/secrets/password.h"

namespace matricula::cli {
namespace {

// Switches the echo of a terminal off while it lives. Signals that end or stop the program wait
// until the echo is back.
class HiddenInput {
 public:
  explicit HiddenInput(int fd) : fd_(fd) {
    sigset_t blocked;
    sigemptyset(&blocked);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP}) {
      sigaddset(&blocked, signal);
    }
    sigprocmask(SIG_BLOCK, &blocked, &signals_);
    signal_fd_ = ::signalfd(-1, &blocked, SFD_CLOEXEC);
    is_terminal_ = ::tcgetattr(fd_, &shown_) == 0;
    termios hidden = shown_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (is_terminal_) {
      ::tcsetattr(fd_, TCSAFLUSH, &hidden);
    }
  }
  ~HiddenInput() {
    if (is_terminal_) {
      ::tcsetattr(fd_, TCSANOW, &shown_);
    }
    ::close(signal_fd_);
    sigprocmask(SIG_SETMASK, &signals_, nullptr);
  }
  HiddenInput(const HiddenInput&) = delete;
  HiddenInput& operator=(const HiddenInput&) = delete;

  // Waits for input; false where a signal arrived first.
  bool wait() const {
    std::array<pollfd, 2> ready = {pollfd{.fd = fd_, .events = POLLIN, .revents = 0},
                                   pollfd{.fd = signal_fd_, .events = POLLIN, .revents = 0}};
    while (::poll(ready.data(), ready.size(), -1) < 0 && errno == EINTR) {
    }
    return ready[1].revents == 0;
  }

 private:
  int fd_;
  int signal_fd_ = -1;
  bool is_terminal_ = false;
  termios shown_ = {};
  sigset_t signals_ = {};
};

void drop_line_end(std::string& text) {
  for (const char end : {'\n', '\r'}) {
    if (text.ends_with(end)) {
      text.pop_back();
    }
  }
}

// Reads to the end of the input or, of a terminal, of the line.
Result<std::string> read_text(int fd, const HiddenInput* terminal) {
  std::string text;
  std::array<char, auth::kTypedPasswordBytesMax> buffer;
  while (text.size() <= auth::kTypedPasswordBytesMax + 2) {
    if (terminal != nullptr && !terminal->wait()) {
      return fail(ErrorCode::kIo, "the password was not entered");
    }
    const ssize_t size = ::read(fd, buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size < 0) {
      return fail(ErrorCode::kIo, "the password cannot be read from standard input: " +
                                      std::generic_category().message(errno));
    }
    text.append(buffer.data(), static_cast<std::size_t>(size));
    if (size == 0 || (terminal != nullptr && text.ends_with('\n'))) {
      drop_line_end(text);
      return text;
    }
  }
  return fail(ErrorCode::kUsage,
              "a password has at most " + std::to_string(auth::kPasswordBytesMax) + " bytes");
}

}  // namespace

Result<std::string> read_password(Messages& messages, int fd, std::string_view prompt) {
  if (::isatty(fd) != 1) {
    return read_text(fd, nullptr);
  }
  const HiddenInput hidden(fd);
  MATRICULA_CHECK(messages.write(prompt));
  Result<std::string> text = read_text(fd, &hidden);
  messages.print("");
  return text;
}

}  // namespace matricula::cli
