#include "http/client_watch.h"

#include <poll.h>

namespace matricula::http {

void ClientWatch::begin(Request& request) {
  gone_.store(false, std::memory_order_relaxed);
  request.client_gone = &gone_;
}

void ClientWatch::look(int descriptor) {
  pollfd events{.fd = descriptor, .events = POLLRDHUP, .revents = 0};
  if (poll(&events, 1, 0) > 0 && (events.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0) {
    gone_.store(true, std::memory_order_relaxed);
  }
}

}  // namespace matricula::http
