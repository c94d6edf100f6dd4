#pragma once

#include <atomic>
#include <chrono>

#include "http/message.h"

namespace matricula::http {

// Watches whether the client of a request that is being handled is still there. Nothing is read
// from the connection meanwhile, so the socket is polled. A client that only closed its half of the
// connection could still read the answer, but it cannot be told from one that gave up, which is far
// more common.
class ClientWatch {
 public:
  // How often the socket is polled.
  static constexpr std::chrono::milliseconds kPeriod{250};

  // Before the request is handed over; see Request::client_gone. It must outlive the request.
  void begin(Request& request);
  // On the loop's thread.
  void look(int descriptor);

 private:
  std::atomic<bool> gone_ = false;
};

}  // namespace matricula::http
