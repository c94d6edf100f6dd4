#pragma once

#include <algorithm>
#include <boost/asio/buffer.hpp>

#include "http/reply_writer.h"

namespace matricula::http {

// A lingering close, so that the peer can read our last answer: closing a socket with unread data
// would reset the connection. Shuts down the sending half, then reads and discards for a while. The
// owner is a connection with shared_from_this(), is_open() and close(), and closes at its deadline.
template <typename Stream, typename Owner>
class Linger {
 public:
  Linger(Loop& loop, Stream& stream, Owner& owner) : loop_(loop), stream_(stream), owner_(owner) {}

  void start() {
    end_ = now() + loop_.shared.config.linger_total;
    extend();
    if constexpr (std::is_same_v<Stream, TlsSocket>) {
      stream_.async_shutdown([this, self = owner_.shared_from_this()](const IoError&) {
        if (owner_.is_open()) {
          discard_input();
        }
      });
    } else {
      discard_input();
    }
  }

 private:
  // How much a refused client may still send before the connection is closed.
  static constexpr std::size_t kBytesMax = 256 * 1024 * 1024;

  std::chrono::nanoseconds now() const { return loop_.shared.clock.monotonic(); }

  void extend() {
    loop_.wheel.set(owner_, std::min(now() + loop_.shared.config.linger_timeout, end_));
  }

  void discard_input() {
    IoError ignored;
    socket_of(stream_).shutdown(Tcp::socket::shutdown_send, ignored);
    discard_more();
  }

  // Each piece that comes gives the peer more time, up to linger_total.
  void discard_more() {
    if (!loop_.draining) {
      extend();
    }
    socket_of(stream_).async_read_some(
        boost::asio::buffer(loop_.discarded),
        [this, self = owner_.shared_from_this()](const IoError& error, std::size_t count) {
          bytes_ += count;
          if (error || bytes_ > kBytesMax) {
            owner_.close();
          } else if (owner_.is_open()) {
            discard_more();
          }
        });
  }

  Loop& loop_;
  Stream& stream_;
  Owner& owner_;
  std::size_t bytes_ = 0;
  std::chrono::nanoseconds end_{0};
};

}  // namespace matricula::http
