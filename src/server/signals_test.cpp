#include "server/signals.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace matricula::server {
namespace {

// What a server in a session of its own takes the first SIGHUP for, once the terminal that its
// standard descriptors name is gone; `is_own` where that is its session's.
int ends_by(bool is_own) {
  int master = -1;
  int terminal = -1;
  EXPECT_EQ(::openpty(&master, &terminal, nullptr, nullptr, nullptr), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::setsid();
    ::ioctl(terminal, TIOCNOTTY);
    if (is_own) {
      ::ioctl(terminal, TIOCSCTTY, 0);
    }
    for (const int fd : {0, 1, 2}) {
      ::dup2(terminal, fd);
    }
    ::close(terminal);
    const Signals signals;
    ::close(master);  // the last one: the terminal hangs up
    ::kill(::getpid(), SIGHUP);
    const int end = signals.wait_for_end([] { ::kill(::getpid(), SIGTERM); });
    ::_exit(end);
  }
  ::close(master);
  ::close(terminal);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Signals, TheEndOfTheOwnTerminalEndsTheServer) {
  EXPECT_EQ(ends_by(true), SIGHUP);
}

TEST(Signals, TheEndOfAnothersTerminalDoesNot) {
  EXPECT_EQ(ends_by(false), SIGTERM);
}

}  // namespace
}  // namespace matricula::server
