#include "http/connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "base/assert.h"
#include "base/within_memory.h"
#include "http/access_log.h"
#include "http/body_room.h"
#include "http/client_watch.h"
#include "http/forwarded.h"
#include "http/linger.h"
#include "http/reply_bytes.h"
#include "http/reply_writer.h"
#include "http/tls.h"

namespace matricula::http {
namespace {

namespace asio = boost::asio;
using ErrorCode = IoError;

constexpr int kParkAttempts = 10;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// One connection over TCP or TLS: it reads a request, calls the handler, writes the answer, and so
// on. At any time either one operation of the socket is under way or a Responder is outstanding;
// that holds the shared pointer which keeps this alive.
template <typename Stream>
class StreamConnection final : public Connection,
                               public std::enable_shared_from_this<StreamConnection<Stream>> {
 public:
  StreamConnection(Loop& loop, Stream stream, Peer peer)
      : loop_(loop),
        shared_(loop.shared),
        stream_(std::move(stream)),
        reader_(shared_.limits),
        peer_(std::move(peer)),
        writer_(loop, stream_, *this),
        linger_(loop, stream_, *this) {
    shared_.open.add();
  }
  // Still in the wheel only where an exception took the last hold of it, on the loop's thread.
  ~StreamConnection() override {
    if (in_wheel()) {
      loop_.wheel.remove(*this);
    }
    peer_.slot.release();  // the counts may be gone as soon as no connection is open
    shared_.open.remove();
  }

  void start(const std::optional<Refusal>& refusal) {
    ErrorCode ignored;
    socket().set_option(Tcp::no_delay(true), ignored);
    if constexpr (kTls) {
      phase_ = Phase::kHandshaking;
      set_deadline(shared_.config.head_timeout);
      stream_.async_handshake(
          [self = this->shared_from_this()](const ErrorCode& error) { self->on_handshake(error); });
    } else if (refusal) {
      refuse(*refusal);
    } else {
      wait_for_request();
    }
  }

  void reply(Response&& response) override {
    if (loop_.is_this_thread()) {
      return answer(std::move(response));
    }
    post_or_drop([self = this->shared_from_this(), response = std::move(response)]() mutable {
      self->answer(std::move(response));
    });
  }

  // The loop closes it with its next tick: posting would take memory.
  void drop() noexcept override {
    const std::lock_guard lock(loop_.dropped_mutex);
    if (!std::exchange(is_dropped, true)) {
      next_dropped = std::exchange(loop_.dropped, this->shared_from_this());
    }
  }

  void cut_dropped() override {
    if (phase_ == Phase::kHandling) {
      loop_.counters.requests_in_flight.subtract(1);
    }
    close();
  }

  void wake() override {
    post_or_drop([self = this->shared_from_this()] { self->writer_.resume(); });
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
      case Phase::kHandling:  // handlers have time limits of their own
        client_.look(socket().native_handle());
        return set_deadline(ClientWatch::kPeriod);
      case Phase::kWriting:
        return on_write_deadline();
      case Phase::kHandshaking:
      case Phase::kLingering:
      case Phase::kClosed:
        return close();
    }
  }

  void begin_drain() override {
    if (phase_ == Phase::kHandshaking ||
        (phase_ == Phase::kReading && reader_.state() == RequestReader::State::kIdle)) {
      set_deadline(shared_.config.drain_grace);
    }
  }

  void cut() override { close(); }

 private:
  static constexpr bool kTls = std::is_same_v<Stream, TlsSocket>;
  enum class Phase { kHandshaking, kReading, kHandling, kWriting, kLingering, kClosed };

  template <typename Work>
  void post_or_drop(Work work) {
    if (!run_within_memory([&] { asio::post(loop_.io, std::move(work)); })) {
      drop();
    }
  }

  Socket& socket() { return socket_of(stream_); }

  std::chrono::nanoseconds now() const { return shared_.clock.monotonic(); }
  void set_deadline(std::chrono::nanoseconds from_now) { loop_.wheel.set(*this, now() + from_now); }

  void on_handshake(const ErrorCode& error) {
    log_failed_handshake(error, peer_.address, shared_.logger);
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
      return refuse(reader_.lateness(shared_.config.head_timeout, shared_.config.body_timeout));
    }
    if (error) {
      return close();
    }
    loop_.counters.bytes_received.add(count);
    const RequestReader::State before = reader_.state();
    proceed(before, reader_.commit(count));
  }

  // Acts on what the reader has, now that it went from `before` to `state`.
  void proceed(RequestReader::State before, RequestReader::State state) {
    switch (state) {
      case RequestReader::State::kIdle:
        return read();
      case RequestReader::State::kHead:
        if (before != state) {
          set_deadline(shared_.config.head_timeout);
        }
        return read();
      case RequestReader::State::kBody:
        if (before != state) {
          set_deadline(shared_.config.body_timeout);
          body_room_.begin(shared_.body_memory, reader_.request(), peer_.address,
                           shared_.config.trusted_proxies);
        }
        return body_room_.take(reader_.body_bytes_soon()) ? read_body()
                                                          : refuse(BodyRoom::refusal());
      case RequestReader::State::kRefused:
        return refuse(reader_.refusal());
      case RequestReader::State::kComplete:
        return hand_over();
    }
  }

  void read_body() {
    if (!reader_.take_expects_continue()) {
      return read();
    }
    asio::async_write(stream_, asio::buffer(kContinue.data(), kContinue.size()),
                      [self = this->shared_from_this()](const ErrorCode& error, std::size_t) {
                        self->on_continue_written(error);
                      });
  }

  void on_continue_written(const ErrorCode& error) {
    error || timed_out_ || phase_ == Phase::kClosed ? on_read(error, 0) : read();
  }

  void begin_exchange() {
    started_ = now();
    loop_.ids.next(request_id_);
    Request& request = reader_.request();
    request.request_id = std::string_view(request_id_.data(), request_id_.size());
    request.remote_address = peer_.address;
    request.tls = kTls;
    apply_forwarded(request, shared_.config.trusted_proxies);
    request.loop = loop_.index;
    request.loop_tasks = &loop_;
    loop_.counters.requests_in_flight.add(1);
    phase_ = Phase::kHandling;
  }

  void hand_over() {
    begin_exchange();
    client_.begin(reader_.request());
    set_deadline(ClientWatch::kPeriod);
    shared_.handler(reader_.request(), Responder(this->shared_from_this()));
  }

  // Answers without the handler, and closes: after a malformed request the start of the next one is
  // not known.
  void refuse(const Refusal& refusal) {
    reader_.drop_body();
    body_room_.reset();
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
    const Request& request = reader_.request();
    if (shared_.config.add_fields) {
      shared_.config.add_fields(request, response.headers);
    }
    // A request that arrived behind this one before the drain is answered too.
    keep_alive_ = request.keep_alive && (!loop_.draining || reader_.holds_more());
    status_ = response.status;
    identity_ = std::move(response.identity);
    ReplyBytes::Body body = reply_.prepare(std::move(response), request,
                                           {.date = loop_.date,
                                            .request_id = request.request_id,
                                            .keep_alive = keep_alive_,
                                            .http_1_0 = request.http_1_0},
                                           {.config = shared_.config,
                                            .compressor = loop_.compressor,
                                            .helpers = shared_.helpers,
                                            .tls = kTls});
    keep_alive_ = keep_alive_ && body.framing != BodySender::Framing::kClose;
    set_deadline(shared_.config.write_timeout);
    parked_ = body.source == nullptr;
    unparked_ = 0;
    body.source ? writer_.write(reply_.head, std::move(body.source), body.framing, body.length)
                : writer_.write(reply_.head);
  }

  friend ReplyWriter<Stream, StreamConnection>;
  friend Linger<Stream, StreamConnection>;
  bool is_open() const { return phase_ != Phase::kClosed; }
  void on_progress() { set_deadline(shared_.config.write_timeout); }
  void on_stalled() {
    set_deadline(parked_ ? shared_.config.write_timeout : shared_.config.park_after);
  }

  // An answer that is not read for a while is parked; a client that reads nothing for long is cut,
  // sooner where its answer cannot be parked. There is no limit while the body is being made.
  void on_write_deadline() {
    if (writer_.waits_for_body()) {
      set_deadline(shared_.config.idle_timeout);
    } else if (parked_ || unparked_ == kParkAttempts) {
      close();
    } else {
      parked_ = writer_.park();
      ++unparked_;
      set_deadline(parked_ ? shared_.config.write_timeout : shared_.config.park_after);
    }
  }

  void on_written(const ErrorCode& error) {
    end_exchange();
    if (error || phase_ == Phase::kClosed) {
      close();
    } else if (!keep_alive_) {
      linger();
    } else {
      reader_.next();
      body_room_.reset();
      wait_for_request();
    }
  }

  void end_exchange() {
    loop_.counters.bytes_sent.add(writer_.bytes_sent());
    loop_.counters.requests.add(1);
    report(writer_.bytes_sent());
    writer_.stop();
    reply_.release();
  }

  void report(std::size_t bytes_sent) {
    const Request& request = reader_.request();
    const RequestSummary summary{
        .method = request.method_name,
        .path = request.path,
        .request_id = request.request_id,
        .client = request.remote_address,
        .identity = identity_,
        .status = status_,
        .duration = std::chrono::duration_cast<std::chrono::microseconds>(now() - started_),
        .bytes_sent = bytes_sent,
        .loop = loop_.index};
    report_request(shared_.config, shared_.logger, summary);
  }

  void linger() {
    phase_ = Phase::kLingering;
    linger_.start();
  }

  void close() {
    const bool ends_reply = writer_.waits_for_body();
    close_stream(stream_, phase_ == Phase::kWriting);
    phase_ = Phase::kClosed;
    loop_.wheel.remove(*this);
    if (ends_reply) {
      end_exchange();
    }
  }

  Loop& loop_;
  Shared& shared_;
  Stream stream_;
  RequestReader reader_;
  BodyRoom body_room_;
  Peer peer_;
  Phase phase_ = Phase::kReading;
  bool timed_out_ = false;
  bool keep_alive_ = true;
  std::array<char, RequestIds::kLength> request_id_{};
  std::chrono::nanoseconds started_{0};
  ClientWatch client_;
  int status_ = 0;  // of the answer that is being written
  std::string identity_;
  ReplyBytes reply_;
  ReplyWriter<Stream, StreamConnection> writer_;
  bool parked_ = false;  // what is not read has a place, or is short
  int unparked_ = 0;     // attempts to find one
  Linger<Stream, StreamConnection> linger_;
};

}  // namespace

void start_connection(Loop& loop, Socket socket, Peer peer, const std::optional<Refusal>& refusal) {
  auto tls = loop.shared.tls.get();
  if (!tls) {
    std::make_shared<StreamConnection<Socket>>(loop, std::move(socket), std::move(peer))
        ->start(refusal);
  } else if (!refusal) {
    // Refused over TLS, a connection is just closed: a handshake is the dearest part of it.
    TlsSocket stream(std::move(socket), std::move(tls));
    std::make_shared<StreamConnection<TlsSocket>>(loop, std::move(stream), std::move(peer))
        ->start(std::nullopt);
  }
}

}  // namespace matricula::http
