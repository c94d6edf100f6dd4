#include "base/descriptor.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <string>
#include <system_error>
#include <unistd.h>

namespace matricula {
namespace {

using SteadyClock = std::chrono::steady_clock;

// A pipe that poll() calls writable has room for so many bytes: writing them does not block.
constexpr std::size_t kChunkBytes = PIPE_BUF;

Result<void> system_error(int code) {
  return fail(ErrorCode::kIo, std::generic_category().message(code));
}

// Milliseconds for poll(): -1 waits without end.
int remaining_ms(const std::optional<SteadyClock::time_point>& deadline) {
  if (!deadline) {
    return -1;
  }
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*deadline - SteadyClock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX));
}

Result<void> write_until(int fd, std::string_view& text,
                         const std::optional<SteadyClock::time_point>& deadline) {
  while (!text.empty()) {
    pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
    const int polled = ::poll(&ready, 1, remaining_ms(deadline));
    if (polled < 0 && errno != EINTR) {
      return system_error(errno);
    }
    if (polled == 0) {
      return fail(ErrorCode::kTimeout, "its reader does not read");
    }
    const ssize_t written = ::write(fd, text.data(), std::min(text.size(), kChunkBytes));
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) {
      return system_error(errno);
    }
  }
  return {};
}

}  // namespace

void open_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    // open() takes the lowest free number, which is this one: those below are open.
    if (::fcntl(fd, F_GETFD) == -1 && errno == EBADF) {
      [[maybe_unused]] const int opened = ::open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
    }
  }
}

bool is_writable(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  return flags != -1 && (flags & O_ACCMODE) != O_RDONLY;
}

Result<void> write_all(int fd, std::string_view text) {
  return write_until(fd, text, std::nullopt);
}

Result<void> write_within(int fd, std::string_view& text, std::chrono::milliseconds patience) {
  return write_until(fd, text, SteadyClock::now() + patience);
}

}  // namespace matricula
