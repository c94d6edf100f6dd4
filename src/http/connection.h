#pragma once

#include <optional>

#include "http/loop.h"

namespace matricula::http {

// A connection as its loop sees it. All calls on the loop's thread, apart from reply().
class Connection : public ReplySink, public TimerWheel::Entry {
 public:
  // Its deadline in the wheel has come.
  virtual void on_deadline() = 0;
  // The server drains: an idle connection has a short time to speak, then it is closed.
  virtual void begin_drain() = 0;
  // Closes at once.
  virtual void cut() = 0;
};

// The other end of a connection.
struct Peer {
  std::string address;
  AddressCounts::Slot slot;
};

// Serves the accepted socket of a peer until it is closed; it stays in loop.wheel as long as it is
// open. With a refusal, the only thing it says is that.
void start_connection(Loop& loop, Socket socket, Peer peer, std::optional<Refusal> refusal);

}  // namespace matricula::http
