#pragma once

// Internal to the server, as loop.h is.

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <optional>
#include <utility>

#include "http/loop.h"

namespace matricula::http {

using IoError = boost::system::error_code;

// The server's end of TLS over a socket: what Asio's ssl::stream does, without its 68 KiB of
// buffers. The SSL object is made when the client's first byte has come. OpenSSL reads from the
// socket and writes to it directly, and frees its own buffers whenever they are empty
// (SSL_MODE_RELEASE_BUFFERS).
//
// One operation at a time, on the loop's thread; the owner keeps it alive meanwhile. Handlers are
// never called from within the call that they are passed to. May be moved before the handshake.
class TlsSocket {
 public:
  using executor_type = Executor;

  TlsSocket(Socket socket, std::shared_ptr<SSL_CTX> context)
      : socket_(std::move(socket)), context_(std::move(context)) {}

  Socket& next_layer() { return socket_; }
  executor_type get_executor() { return socket_.get_executor(); }

  // Calls handler(error).
  template <typename Handler>
  void async_handshake(Handler handler) {
    socket_.async_wait(
        Socket::wait_read, [this, handler = std::move(handler)](const IoError& error) mutable {
          if (const IoError failed = error ? error : begin()) {
            handler(failed);
          } else {
            run(SSL_accept, [handler = std::move(handler)](
                                const IoError& result, std::size_t) mutable { handler(result); });
          }
        });
  }

  // Calls handler(error, count).
  template <typename Handler>
  void async_read_some(boost::asio::mutable_buffer room, Handler handler) {
    run([room](SSL* ssl) { return SSL_read(ssl, room.data(), length_of(room.size())); },
        std::move(handler));
  }

  // Calls handler(error, count) when a part of the first buffer is written.
  template <typename Buffers, typename Handler>
  void async_write_some(const Buffers& buffers, Handler handler) {
    const boost::asio::const_buffer bytes = *boost::asio::buffer_sequence_begin(buffers);
    run([bytes](SSL* ssl) { return SSL_write(ssl, bytes.data(), length_of(bytes.size())); },
        std::move(handler));
  }

  // Says that nothing more will be sent; does not wait for the client to say the same. Calls
  // handler(error).
  template <typename Handler>
  void async_shutdown(Handler handler) {
    run([](SSL* ssl) { return SSL_shutdown(ssl) < 0 ? -1 : 1; },
        [handler = std::move(handler)](const IoError& error, std::size_t) mutable {
          handler(error);
        });
  }

  // The same, once, as far as the socket takes it at once, before it is closed. Nothing where the
  // handshake has not ended, or TLS has failed.
  void shut_down_now();

 private:
  struct SslFree {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  // What a call of OpenSSL came to.
  struct Outcome {
    std::optional<Socket::wait_type> waits_for = {};  // to be called again then
    IoError error = {};
    std::size_t count = 0;
  };

  static int length_of(std::size_t size);
  IoError begin();
  Outcome outcome_of(int result);

  // Calls `step` until it has done its work, waiting for the socket in between.
  template <typename Step, typename Handler>
  void run(Step step, Handler handler) {
    ERR_clear_error();
    const Outcome outcome = outcome_of(step(ssl_.get()));
    if (!outcome.waits_for) {
      boost::asio::post(get_executor(), [outcome, handler = std::move(handler)]() mutable {
        handler(outcome.error, outcome.count);
      });
      return;
    }
    socket_.async_wait(*outcome.waits_for,
                       [this, step, handler = std::move(handler)](const IoError& error) mutable {
                         if (error) {
                           handler(error, 0);
                         } else {
                           run(step, std::move(handler));
                         }
                       });
  }

  Socket socket_;
  std::shared_ptr<SSL_CTX> context_;  // until `ssl_` has it
  std::unique_ptr<SSL, SslFree> ssl_;
  bool has_failed_ = false;  // OpenSSL permits no further call then
};

}  // namespace matricula::http
