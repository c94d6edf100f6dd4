#include "http/connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <type_traits>

#include "base/assert.h"
#include "http/access_log.h"
#include "http/forwarded.h"
#include "http/reply_bytes.h"

namespace matricula::http {
namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
using TlsSocket = asio::ssl::stream<Socket>;

// What a client may still send after it was refused, so that it gets to read why.
constexpr std::size_t kLingerBytesMax = 256 * 1024 * 1024;
// Bodies up to this size are copied behind the head: cheaper than a second buffer, and one TLS
// record instead of two.
constexpr std::size_t kCopiedBodyMax = 4096;
constexpr std::size_t kTlsCopiedBodyMax = 15 * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// asio::transfer_all() writes at most 64 KiB at a time; this lets the kernel decide.
struct TransferEverything {
  std::size_t operator()(const ErrorCode& error, std::size_t) const {
    return error ? 0 : std::numeric_limits<std::size_t>::max();
  }
};

// One connection over TCP or TLS: read a request, hand it over, write the answer, again. Exactly
// one operation of the socket is under way at any time, or a Responder is outstanding; whichever it
// is holds the shared pointer that keeps this alive.
template <typename Stream>
class StreamConnection final : public Connection,
                               public std::enable_shared_from_this<StreamConnection<Stream>> {
 public:
  StreamConnection(Loop& loop, Stream stream, Peer peer)
      : loop_(loop),
        shared_(loop.shared),
        stream_(std::move(stream)),
        reader_(shared_.limits),
        peer_(std::move(peer)) {
    shared_.open.add();
  }
  ~StreamConnection() override {
    peer_.slot.release();  // the counts may be gone as soon as no connection is open
    shared_.open.remove();
  }

  void start(std::optional<Refusal> refusal) {
    ErrorCode ignored;
    socket().set_option(Tcp::no_delay(true), ignored);
    if constexpr (kTls) {
      phase_ = Phase::kHandshaking;
      set_deadline(shared_.config.head_timeout);
      stream_.async_handshake(
          TlsSocket::server,
          [self = this->shared_from_this()](const ErrorCode& error) { self->on_handshake(error); });
    } else if (refusal) {
      refuse(*refusal);
    } else {
      wait_for_request();
    }
  }

  void reply(Response&& response) override {
    if (loop_.is_this_thread()) {
      answer(std::move(response));
      return;
    }
    asio::post(loop_.io,
               [self = this->shared_from_this(), response = std::move(response)]() mutable {
                 self->answer(std::move(response));
               });
  }

  void on_deadline() override {
    switch (phase_) {
      case Phase::kReading:
        if (reader_.state() == RequestReader::State::kIdle) {
          close();
        } else {
          timed_out_ = true;
          ErrorCode ignored;
          socket().cancel(ignored);  // the answer is written where the operation ends
          set_deadline(shared_.config.linger_timeout);
        }
        return;
      case Phase::kHandling:
        set_deadline(shared_.config.idle_timeout);  // how long a handler takes is not our business
        return;
      case Phase::kHandshaking:
      case Phase::kWriting:
      case Phase::kLingering:
      case Phase::kClosed:
        close();
        return;
    }
  }

  void begin_drain() override {
    const bool idle = phase_ == Phase::kReading && reader_.state() == RequestReader::State::kIdle;
    if (idle || phase_ == Phase::kHandshaking) {
      set_deadline(shared_.config.drain_grace);
    }
  }

  void cut() override { close(); }

 private:
  static constexpr bool kTls = std::is_same_v<Stream, TlsSocket>;
  enum class Phase { kHandshaking, kReading, kHandling, kWriting, kLingering, kClosed };

  Socket& socket() {
    if constexpr (kTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }

  std::chrono::nanoseconds now() const { return shared_.clock.monotonic(); }
  void set_deadline(std::chrono::nanoseconds from_now) { loop_.wheel.set(*this, now() + from_now); }

  void on_handshake(const ErrorCode& error) {
    if (phase_ != Phase::kClosed) {
      error ? close() : wait_for_request();
    }
  }

  void wait_for_request() {
    phase_ = Phase::kReading;
    set_deadline(loop_.draining ? shared_.config.drain_grace : shared_.config.idle_timeout);
    proceed(RequestReader::State::kIdle, reader_.state());
  }

  void read() {
    const std::span<char> room = reader_.room();
    stream_.async_read_some(
        asio::buffer(room.data(), room.size()),
        [self = this->shared_from_this()](const ErrorCode& error, std::size_t count) {
          self->on_read(error, count);
        });
  }

  void on_read(const ErrorCode& error, std::size_t count) {
    if (phase_ == Phase::kClosed) {
      return;
    }
    if (timed_out_) {
      refuse(reader_.lateness(shared_.config.head_timeout, shared_.config.body_timeout));
      return;
    }
    if (error) {
      close();
      return;
    }
    loop_.counters.bytes_received.add(count);
    const RequestReader::State before = reader_.state();
    proceed(before, reader_.commit(count));
  }

  // Acts on what the reader has, now that it went from `before` to `state`.
  void proceed(RequestReader::State before, RequestReader::State state) {
    switch (state) {
      case RequestReader::State::kIdle:
        read();
        return;
      case RequestReader::State::kHead:
        if (before != state) {
          set_deadline(shared_.config.head_timeout);
        }
        read();
        return;
      case RequestReader::State::kBody:
        if (before != state) {
          set_deadline(shared_.config.body_timeout);
        }
        read_body();
        return;
      case RequestReader::State::kRefused:
        refuse(reader_.refusal());
        return;
      case RequestReader::State::kComplete:
        hand_over();
        return;
    }
  }

  void read_body() {
    if (!reader_.take_expects_continue()) {
      read();
      return;
    }
    asio::async_write(stream_, asio::buffer(kContinue.data(), kContinue.size()),
                      [self = this->shared_from_this()](const ErrorCode& error, std::size_t) {
                        self->on_continue_written(error);
                      });
  }

  void on_continue_written(const ErrorCode& error) {
    if (error || timed_out_ || phase_ == Phase::kClosed) {
      on_read(error, 0);
      return;
    }
    read();
  }

  void begin_exchange() {
    started_ = now();
    loop_.ids.next(request_id_);
    Request& request = reader_.request();
    request.request_id = std::string_view(request_id_.data(), request_id_.size());
    request.remote_address = peer_.address;
    request.tls = kTls;
    request.loop = loop_.index;
    loop_.counters.requests_in_flight.add(1);
    phase_ = Phase::kHandling;
  }

  void hand_over() {
    begin_exchange();
    apply_forwarded(reader_.request(), shared_.config.trusted_proxies);
    shared_.handler(reader_.request(), Responder(this->shared_from_this()));
  }

  // Answers ourselves, and closes: after a broken request no one knows where the next one starts.
  void refuse(const Refusal& refusal) {
    begin_exchange();
    reader_.request().keep_alive = false;
    Response response = error_response(refusal.status, refusal.message);
    if (refusal.status == 503) {
      response.headers.add("Retry-After", "1");
    }
    answer(std::move(response));
  }

  // On the loop's thread, once for each begin_exchange().
  void answer(Response&& response) {
    loop_.counters.requests_in_flight.subtract(1);
    if (phase_ == Phase::kClosed) {
      return;
    }
    MATRICULA_ASSERT(phase_ == Phase::kHandling);
    phase_ = Phase::kWriting;
    response_ = std::move(response);
    const Request& request = reader_.request();
    if (shared_.config.add_fields) {
      shared_.config.add_fields(request, response_.headers);
    }
    // What came behind this request before the drain is answered too.
    keep_alive_ = request.keep_alive && (!loop_.draining || reader_.holds_more());
    const std::string_view body =
        reply_.prepare(response_, request,
                       {.date = loop_.date,
                        .request_id = request.request_id,
                        .keep_alive = keep_alive_,
                        .http_1_0 = request.http_1_0},
                       loop_.compressor, shared_.config.compression_bytes_min);
    set_deadline(shared_.config.write_timeout);
    auto written = [self = this->shared_from_this()](const ErrorCode& error, std::size_t count) {
      self->on_written(error, count);
    };
    if (body.size() <= (kTls ? kTlsCopiedBodyMax : kCopiedBodyMax)) {
      reply_.head += body;
      asio::async_write(stream_, asio::buffer(reply_.head), TransferEverything{},
                        std::move(written));
    } else {
      const std::array<asio::const_buffer, 2> both{asio::buffer(reply_.head),
                                                   asio::buffer(body.data(), body.size())};
      asio::async_write(stream_, both, TransferEverything{}, std::move(written));
    }
  }

  void on_written(const ErrorCode& error, std::size_t count) {
    loop_.counters.bytes_sent.add(count);
    loop_.counters.requests.add(1);
    report(count);
    response_ = Response{};
    reply_.release();
    if (phase_ == Phase::kClosed) {
      return;
    }
    if (error) {
      close();
    } else if (!keep_alive_) {
      linger();
    } else {
      reader_.next();
      wait_for_request();
    }
  }

  void report(std::size_t bytes_sent) {
    const Request& request = reader_.request();
    const RequestSummary summary{
        .method = request.method_name,
        .path = request.path,
        .request_id = request.request_id,
        .client = request.remote_address,
        .identity = response_.identity,
        .status = response_.status,
        .duration = std::chrono::duration_cast<std::chrono::microseconds>(now() - started_),
        .bytes_sent = bytes_sent,
        .loop = loop_.index};
    if (shared_.config.on_request) {
      shared_.config.on_request(summary);
    }
    if (shared_.config.access_log) {
      log_request(shared_.logger, summary, shared_.config.known_paths);
    }
  }

  // Closing a socket that has unread data resets the connection, and the peer may never see our
  // answer. So: say that we are done, then read and drop for a while.
  void linger() {
    phase_ = Phase::kLingering;
    linger_end_ = now() + shared_.config.linger_total;
    set_deadline(shared_.config.linger_timeout);
    if constexpr (kTls) {
      stream_.async_shutdown([self = this->shared_from_this()](const ErrorCode&) {
        if (self->phase_ != Phase::kClosed) {
          self->discard_input();
        }
      });
    } else {
      discard_input();
    }
  }

  void discard_input() {
    ErrorCode ignored;
    socket().shutdown(Tcp::socket::shutdown_send, ignored);
    discard_more();
  }

  // Each piece that comes gives the peer more time, up to linger_total.
  void discard_more() {
    if (!loop_.draining) {
      loop_.wheel.set(*this, std::min(now() + shared_.config.linger_timeout, linger_end_));
    }
    socket().async_read_some(
        asio::buffer(loop_.discarded),
        [self = this->shared_from_this()](const ErrorCode& error, std::size_t count) {
          self->lingered_bytes_ += count;
          if (error || self->lingered_bytes_ > kLingerBytesMax) {
            self->close();
          } else if (self->phase_ != Phase::kClosed) {
            self->discard_more();
          }
        });
  }

  void close() {
    phase_ = Phase::kClosed;
    loop_.wheel.remove(*this);
    ErrorCode ignored;
    socket().close(ignored);
  }

  Loop& loop_;
  Shared& shared_;
  Stream stream_;
  RequestReader reader_;
  Peer peer_;
  Phase phase_ = Phase::kReading;
  bool timed_out_ = false;
  bool keep_alive_ = true;
  std::array<char, RequestIds::kLength> request_id_{};
  std::chrono::nanoseconds started_{0};
  Response response_;
  ReplyBytes reply_;
  std::size_t lingered_bytes_ = 0;
  std::chrono::nanoseconds linger_end_{0};
};

}  // namespace

void start_connection(Loop& loop, Socket socket, Peer peer, std::optional<Refusal> refusal) {
  loop.counters.connections_accepted.add(1);
  const auto tls = loop.shared.tls.get();
  if (!tls) {
    std::make_shared<StreamConnection<Socket>>(loop, std::move(socket), std::move(peer))
        ->start(refusal);
  } else if (!refusal) {
    // Refused over TLS, a connection is just closed: a handshake is the dearest part of it.
    TlsSocket stream(std::move(socket), *tls);
    std::make_shared<StreamConnection<TlsSocket>>(loop, std::move(stream), std::move(peer))
        ->start(std::nullopt);
  }
}

}  // namespace matricula::http
