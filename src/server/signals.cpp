#include "server/signals.h"

#include <cstdlib>
#include <initializer_list>
#include <termios.h>
#include <unistd.h>

namespace matricula::server {
namespace {

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) {
    sigaddset(&set, signal);
  }
  return set;
}

}  // namespace

Signals::Signals() : all_(set_of({SIGTERM, SIGINT, SIGHUP})) {
  pthread_sigmask(SIG_BLOCK, &all_, nullptr);
}

int Signals::wait_for_end(const std::function<void()>& reload) const {
  int received = 0;
  while (true) {
    sigwait(&all_, &received);
    if (is_end(received)) {
      return received;
    }
    reload();
  }
}

bool Signals::sleep(std::chrono::milliseconds time) const {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  const std::chrono::nanoseconds rest = time - seconds;
  const timespec limit{.tv_sec = seconds.count(), .tv_nsec = rest.count()};
  const int received = sigtimedwait(&all_, nullptr, &limit);
  return received < 0 || !is_end(received);
}

// A thread looks for them: unblocked, they would be so in the threads that start meanwhile, for
// good.
Signals::EndAtOnce::EndAtOnce()
    : thread_([](const std::stop_token& ends) {
        constexpr timespec kLook{.tv_sec = 0, .tv_nsec = 20'000'000};
        const sigset_t ending = set_of({SIGTERM, SIGINT});
        while (!ends.stop_requested()) {
          if (sigtimedwait(&ending, nullptr, &kLook) > 0) {
            std::_Exit(0);
          }
        }
      }) {}

void Signals::end_process_at_once() {
  const sigset_t ending = set_of({SIGTERM, SIGINT});
  pthread_sigmask(SIG_UNBLOCK, &ending, nullptr);
}

Signals::Terminals Signals::terminals() {
  const auto is_ours = [session = ::getsid(0)](int fd) { return ::tcgetsid(fd) == session; };
  return {is_ours(0), is_ours(1), is_ours(2)};
}

bool Signals::is_end(int signal) const {
  return signal != SIGHUP || terminals() != before_;
}

}  // namespace matricula::server
