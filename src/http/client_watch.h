#pragma once

#include <atomic>
#include <chrono>

#include "http/message.h"

namespace matricula::http {

// Whether the client of a request that is handled is still there. Nothing is read meanwhile, so
// that the socket has to be looked at. A client that closed its half of the connection may in
// theory still read; those that do so before a slow answer are fewer than those that gave up, which
// look the same.
class ClientWatch {
 public:
  // How often to look.
  static constexpr std::chrono::milliseconds kPeriod{250};

  // Before the request is handed over; see Request::client_gone. It must outlive the request.
  void begin(Request& request);
  // On the loop's thread.
  void look(int descriptor);

 private:
  std::atomic<bool> gone_ = false;
};

}  // namespace matricula::http
