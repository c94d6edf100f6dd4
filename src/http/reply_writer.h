#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <limits>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>
#include <type_traits>

#include "http/body_sender.h"
#include "http/loop.h"
#include "http/tls_socket.h"

namespace matricula::http {

// The socket under a connection's stream.
template <typename Stream>
Socket& socket_of(Stream& stream) {
  if constexpr (std::is_same_v<Stream, TlsSocket>) {
    return stream.next_layer();
  } else {
    return stream;
  }
}

// Closes the socket under a stream. Over TLS the client gets a closure alert (RFC 9112, section
// 9.8), unless an answer `is_cut`: where it ends with the connection, the client then sees that it
// is not whole.
template <typename Stream>
void close_stream(Stream& stream, bool is_cut) {
  if constexpr (std::is_same_v<Stream, TlsSocket>) {
    if (!is_cut && stream.next_layer().is_open()) {
      stream.shut_down_now();
    }
  }
  IoError ignored;
  socket_of(stream).close(ignored);
}

// Writes the answers of one connection, one at a time, as fast as the client reads. On the loop's
// thread. The owner is a Connection with shared_from_this() that has
//   void on_progress();                  bytes went out, or a body is waited for
//   void on_stalled();                   the socket takes no more for now
//   void cut();                          closes; the client has reset the connection
//   void on_written(const IoError&);     the end of an answer, never from within write()
template <typename Stream, typename Owner>
class ReplyWriter {
 public:
  ReplyWriter(Loop& loop, Stream& stream, Owner& owner)
      : loop_(loop), stream_(stream), owner_(owner) {}

  std::size_t bytes_sent() const { return sent_; }
  // Whether only the body is waited for, and no write is under way: then stop() ends the answer
  // without a call of on_written().
  bool waits_for_body() const { return waits_for_body_; }

  // A whole answer, which must stay as it is.
  void write(const std::string& bytes) {
    sent_ = 0;
    boost::asio::async_write(
        stream_, boost::asio::buffer(bytes), TransferEverything{},
        [this, self = owner_.shared_from_this()](const IoError& error, std::size_t count) {
          sent_ = count;
          owner_.on_written(error);
        });
  }

  // A head, which must stay as it is, and the body behind it.
  void write(std::string_view head, std::unique_ptr<BodySource> source, BodySender::Framing framing,
             std::uint64_t length) {
    sent_ = 0;
    sender_.start(head, std::move(source), framing, length);
    prepare_socket();
    go_on();
  }

  // The body that was waited for may have more.
  void resume() {
    if (waits_for_body_) {
      waits_for_body_ = false;
      go_on();
    }
  }

  // The client reads slowly: parks the body. False when there is no room for it.
  bool park() { return !sender_.is_active() || sender_.park(); }

  // Drops the body. A write that is under way still calls on_written().
  void stop() {
    waits_for_body_ = false;
    sender_.stop();
    piece_ = std::string();
  }

 private:
  static constexpr bool kTls = std::is_same_v<Stream, TlsSocket>;
  // Bytes that one connection sends before others have their turn.
  static constexpr std::size_t kTurnBytes = 512 * 1024;
  // A record of TLS.
  static constexpr std::size_t kTlsPieceBytes = 16 * 1024;
  // Bytes that the kernel holds for a client beyond what is on the way to it.
  static constexpr int kUnsentBytesMax = 256 * 1024;

  // asio::transfer_all() writes at most 64 KiB at a time; this lets the kernel decide.
  struct TransferEverything {
    std::size_t operator()(const IoError& error, std::size_t) const {
      return error ? 0 : std::numeric_limits<std::size_t>::max();
    }
  };

  // Once for a connection that has a body to stream. The kernel's buffer is bounded in what is not
  // sent yet, and free to fit what is on the way to the line.
  void prepare_socket() {
    if (prepared_) {
      return;
    }
    prepared_ = true;
    IoError ignored;
    socket_of(stream_).non_blocking(true, ignored);
    static_cast<void>(::setsockopt(socket_of(stream_).native_handle(), IPPROTO_TCP,
                                   TCP_NOTSENT_LOWAT, &kUnsentBytesMax, sizeof(int)));
  }

  // Where the end of the connection ends the body, only a reset says that it is not complete.
  void reset_on_close() {
    IoError ignored;
    socket_of(stream_).set_option(boost::asio::socket_base::linger(true, 0), ignored);
  }

  // While nothing is written, a client that went away is noticed by its reset. Asked for once: the
  // wait lasts as long as the connection.
  void watch_peer() {
    if (watched_) {
      return;
    }
    watched_ = true;
    socket_of(stream_).async_wait(Socket::wait_error,
                                  [this, self = owner_.shared_from_this()](const IoError& error) {
                                    if (!error) {
                                      owner_.cut();
                                    }
                                  });
  }

  void go_on() {
    if constexpr (kTls) {
      write_record();
    } else {
      write_turn();
    }
  }

  // The next output, unless the answer has ended or waits.
  std::optional<BodySender::Output> next_output(std::span<char> room) {
    const BodySender::Output output = sender_.peek(room, owner_.shared_from_this());
    switch (output.state) {
      case BodySender::Output::State::kBytes:
        return output;
      case BodySender::Output::State::kLater:
        waits_for_body_ = true;
        owner_.on_progress();
        watch_peer();
        return std::nullopt;
      case BodySender::Output::State::kEnd:
        end({});
        return std::nullopt;
      case BodySender::Output::State::kFailed:
        reset_on_close();
        end(boost::asio::error::broken_pipe);
        return std::nullopt;
    }
    return std::nullopt;
  }

  // Posted, so that a client that sends many requests at once costs no stack.
  void end(const IoError& error) {
    boost::asio::post(
        loop_.io, [this, self = owner_.shared_from_this(), error] { owner_.on_written(error); });
  }

  void write_turn() {
    IoError error;
    std::size_t turn = 0;
    while (turn < kTurnBytes) {
      const auto output = next_output(loop_.room);
      if (!output) {
        return;
      }
      const std::array<boost::asio::const_buffer, 3> buffers{boost::asio::buffer(output->parts[0]),
                                                             boost::asio::buffer(output->parts[1]),
                                                             boost::asio::buffer(output->parts[2])};
      const std::size_t count = socket_of(stream_).write_some(buffers, error);
      if (error == boost::asio::error::would_block) {
        owner_.on_stalled();
        wait_for_room();
        return;
      }
      if (error) {
        end(error);
        return;
      }
      sender_.consume(count);
      sent_ += count;
      turn += count;
    }
    owner_.on_progress();
    boost::asio::post(loop_.io, [this, self = owner_.shared_from_this()] { take_turn({}); });
  }

  void wait_for_room() {
    socket_of(stream_).async_wait(
        Socket::wait_write,
        [this, self = owner_.shared_from_this()](const IoError& error) { take_turn(error); });
  }

  // The socket may be closed by now, and the body dropped.
  void take_turn(const IoError& error) {
    if (error || !sender_.is_active() || !socket_of(stream_).is_open()) {
      owner_.on_written(error ? error : IoError(boost::asio::error::operation_aborted));
      return;
    }
    owner_.on_progress();
    write_turn();
  }

  // A TLS record needs its bytes until it is written, even if the body is dropped in between.
  void write_record() {
    const auto output = next_output(std::span(loop_.room).first(kTlsPieceBytes));
    if (!output) {
      return;
    }
    piece_.assign(output->parts[0]);
    piece_ += output->parts[1];
    piece_ += output->parts[2];
    owner_.on_stalled();
    boost::asio::async_write(
        stream_, boost::asio::buffer(piece_), TransferEverything{},
        [this, self = owner_.shared_from_this()](const IoError& error, std::size_t count) {
          sent_ += count;
          if (error || !sender_.is_active()) {
            owner_.on_written(error ? error : IoError(boost::asio::error::operation_aborted));
            return;
          }
          sender_.consume(count);
          owner_.on_progress();
          write_record();
        });
  }

  Loop& loop_;
  Stream& stream_;
  Owner& owner_;
  BodySender sender_;
  std::string piece_;  // TLS alone
  std::size_t sent_ = 0;
  bool waits_for_body_ = false;
  bool prepared_ = false;
  bool watched_ = false;
};

}  // namespace matricula::http
