#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/waker.h"
#include "base/within_memory.h"
#include "http/loop.h"

namespace matricula::http {

// A connection as its loop sees it. All calls on the loop's thread, apart from reply() and
// wake().
class Connection : public ReplySink, public Waker, public TimerWheel::Entry {
 public:
  // Its deadline in the wheel has come.
  virtual void on_deadline() = 0;
  // The server drains: an idle connection is closed unless a request arrives within a short time.
  virtual void begin_drain() = 0;
  // Closes at once.
  virtual void cut() = 0;
  // The same, of one that is in Loop::dropped.
  virtual void cut_dropped() = 0;

  // In Loop::dropped, and guarded as that is.
  bool is_dropped = false;
  std::shared_ptr<Connection> next_dropped = {};
};

// The other end of a connection.
struct Peer {
  std::string address;
  AddressCounts::Slot slot;
};

// Closes each of the connections in loop.dropped, whatever becomes of the others. On the loop's
// thread.
inline void cut_dropped(Loop& loop) {
  std::shared_ptr<Connection> connection;
  {
    const std::lock_guard lock(loop.dropped_mutex);
    connection = std::move(loop.dropped);
  }
  while (connection) {
    run_within_memory([&] { connection->cut_dropped(); });
    connection = std::move(connection->next_dropped);
  }
}

// Serves the accepted socket of a peer until it is closed; it stays in loop.wheel as long as it is
// open. With a refusal, it sends only that.
void start_connection(Loop& loop, Socket socket, Peer peer, const std::optional<Refusal>& refusal);

}  // namespace matricula::http
