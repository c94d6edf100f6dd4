#include "http/server.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <latch>
#include <thread>
#include <vector>

#include "base/assert.h"
#include "base/processor_count.h"
#include "base/thread_priority.h"
#include "base/within_memory.h"
#include "http/connection.h"
#include "http/connection_bounds.h"
#include "http/listening.h"
#include "http/run_loop.h"
#include "http/tls.h"

namespace matricula::http {
namespace {

namespace asio = boost::asio;
using SystemError = boost::system::error_code;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

// So many more than an address may have are answered 503; beyond them a connection is just closed.
constexpr std::size_t kRefusalsOfAddressMax = 16;

constexpr int kBacklog = 4096;

// Between two tries to find memory for what may not be left out.
constexpr std::chrono::milliseconds kMemoryPause{1};

std::string too_many(std::string_view whose, std::size_t connections_max, std::string_view option) {
  return fmt::format("{} has too many connections: {}, the limit \"{}\" of this server.", whose,
                     connections_max, option);
}

std::string address_text(const Socket& socket) {
  SystemError error;
  const Tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) {
    return "unknown";
  }
  const asio::ip::address address = peer.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

// A loop with its thread, its acceptor and the timer that turns its wheel.
class LoopThread {
 public:
  LoopThread(Shared& shared, unsigned index)
      : loop_(shared, index),
        acceptor_(loop_.io),
        timer_(loop_.io),
        work_(asio::make_work_guard(loop_.io)) {}
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

  ~LoopThread() {
    if (thread_.joinable()) {
      loop_.io.stop();
      thread_.join();
    }
  }

  SystemError listen(const Tcp::endpoint& endpoint) {
    SystemError error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) {
      acceptor_.set_option(Acceptor::reuse_address(true), error);
    }
    if (!error) {
      acceptor_.set_option(ReusePort(true), error);
    }
    if (!error) {
      acceptor_.bind(endpoint, error);
    }
    if (!error) {
      acceptor_.listen(kBacklog, error);
    }
    if (!error) {
      acceptor_.non_blocking(true, error);
    }
    return error;
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  const LoopCounters& counters() const { return loop_.counters; }

  void run() {
    thread_ = std::thread([this] {
      loop_.thread = std::this_thread::get_id();
      set_priority(ThreadPriority::kPrompt);
      accept();
      run_to_the_end();
    });
  }

  // A std::bad_alloc from a handler ends that handler alone: its Responder has answered 503, or its
  // connection is closed.
  void run_to_the_end() {
    while (!run_within_memory([this] {
      begin_ticks();
      run_callbacks(loop_);
    })) {
    }
  }

  // `done` is counted down when no connection can come any more.
  void drain(std::latch& done) {
    post([this, &done] {
      loop_.draining = true;
      run_within_memory([this] { take_backlog(); });
      SystemError ignored;
      acceptor_.close(ignored);
      loop_.wheel.for_each([](TimerWheel::Entry& entry) {
        call_or_drop(static_cast<Connection&>(entry), &Connection::begin_drain);
      });
      done.count_down();
    });
  }

  void cut() {
    post([this] {
      loop_.wheel.for_each([](TimerWheel::Entry& entry) {
        call_or_drop(static_cast<Connection&>(entry), &Connection::cut);
      });
    });
  }

 private:
  struct Clear {
    void operator()(bool* flag) const { *flag = false; }
  };
  // Held by the handler of an accept or a tick: none is under way once that is gone, called or not.
  using Flagged = std::unique_ptr<bool, Clear>;

  // From another thread, and never in vain: waits until there is memory for it.
  template <typename Work>
  void post(const Work& work) {
    while (!run_within_memory([&] { asio::post(loop_.io, work); })) {
      std::this_thread::sleep_for(kMemoryPause);
    }
  }

  // A connection for which there is no memory is closed with the next tick.
  static void call_or_drop(Connection& connection, void (Connection::*call)()) {
    if (!run_within_memory([&] { (connection.*call)(); })) {
      connection.drop();
    }
  }

  // Asio may find no memory when the operation begins, and when it ends: then it calls no handler.
  void accept() {
    is_accepting_ = true;
    Flagged accepting(&is_accepting_);
    run_within_memory([&] {
      acceptor_.async_accept([this, accepting = std::move(accepting)](const SystemError& error,
                                                                      Socket socket) mutable {
        if (!error) {
          begin_if_memory(std::move(socket));
        }
        accepting.reset();
        // Out of descriptors or memory: trying again at once would only spin; the tick does.
        if (acceptor_.is_open() && (!error || error == asio::error::connection_aborted)) {
          accept();
        }
      });
    });
  }

  // Connections that the kernel accepted before we stopped listening are served, not reset.
  void take_backlog() {
    while (acceptor_.is_open()) {
      SystemError error;
      Socket socket(loop_.io);
      acceptor_.accept(socket, error);
      if (error && error != asio::error::connection_aborted) {
        return;
      }
      if (!error) {
        begin_if_memory(std::move(socket));
      }
    }
  }

  void begin(Socket socket) {
    Shared& shared = loop_.shared;
    std::string address = address_text(socket);
    // A trusted proxy's connections are those of all its clients.
    const bool is_proxy =
        std::ranges::any_of(shared.config.trusted_proxies,
                            [&](const Network& network) { return contains(network, address); });
    AddressCounts::Slot slot = is_proxy ? AddressCounts::Slot() : shared.addresses.take(address);
    const std::size_t of_address = slot.count();
    const std::size_t open = shared.open.count();
    Peer peer{.address = std::move(address), .slot = std::move(slot)};
    if (open >= shared.bounds.connections) {
      refuse(std::move(socket), std::move(peer),
             open < shared.bounds.connections + shared.bounds.refusals,
             too_many("The server", shared.bounds.connections, "connections"));
    } else if (of_address > shared.bounds.of_address) {
      refuse(std::move(socket), std::move(peer),
             of_address <= shared.bounds.of_address + kRefusalsOfAddressMax,
             too_many("Your address", shared.bounds.of_address, "connections-per-address"));
    } else {
      loop_.counters.connections_accepted.add(1);
      start_connection(loop_, std::move(socket), std::move(peer), std::nullopt);
    }
  }

  // Without `answered` the connection is just closed.
  void refuse(Socket socket, Peer peer, bool answered, std::string message) {
    loop_.counters.connections_refused.add(1);
    if (answered) {
      start_connection(loop_, std::move(socket), std::move(peer),
                       Refusal{.status = 503, .message = std::move(message)});
    }
  }

  // A connection for which there is no memory is closed; those that come later are accepted.
  void begin_if_memory(Socket socket) {
    run_within_memory([&] { begin(std::move(socket)); });
  }

  // At the start, and where there was no memory for the next tick. Until there is, callbacks go on.
  void begin_ticks() {
    while (!is_ticking_ && !loop_.io.stopped()) {
      if (!run_within_memory([this] { wait_for_tick(); })) {
        loop_.io.poll();
        std::this_thread::sleep_for(kMemoryPause);
      }
    }
  }

  void wait_for_tick() {
    is_ticking_ = true;
    Flagged ticking(&is_ticking_);
    timer_.expires_after(loop_.shared.config.timer_tick);
    timer_.async_wait([this, ticking = std::move(ticking)](const SystemError& error) mutable {
      ticking.reset();
      if (!error) {
        wait_for_tick();  // first, so that an exception below does not end the ticks
        tick();
      }
    });
  }

  void tick() {
    cut_dropped(loop_);
    loop_.date = http_date(loop_.shared.clock.now());
    loop_.wheel.advance(loop_.shared.clock.monotonic(), [](TimerWheel::Entry& entry) {
      call_or_drop(static_cast<Connection&>(entry), &Connection::on_deadline);
    });
    if (!is_accepting_ && acceptor_.is_open()) {
      accept();
    }
  }

  bool is_accepting_ = false;  // first: handlers that the loop never called still clear it
  bool is_ticking_ = false;
  Loop loop_;
  Acceptor acceptor_;
  Timer timer_;
  asio::executor_work_guard<asio::io_context::executor_type> work_;  // while nothing is waited for
  std::thread thread_;
};

// The system may permit fewer connections than are configured.
ConnectionBounds bounds_for(const ServerConfig& config, Logger& logger) {
  const ConnectionBounds bounds = bound_connections(
      config.connections_max, config.connections_per_address_max, free_descriptors());
  if (bounds.connections < config.connections_max) {
    logger.log(LogLevel::kWarning,
               "The limit on open files permits fewer connections than --connections; raise it "
               "(ulimit -n).",
               {{"connections", std::to_string(bounds.connections), true},
                {"connections_max", std::to_string(config.connections_max), true}});
  }
  return bounds;
}

Result<void> load_tls(Shared& shared) {
  if (shared.config.tls) {
    MATRICULA_TRY(SslContext context, make_tls_context(*shared.config.tls));
    shared.tls.set(std::move(context));
  }
  return {};
}

}  // namespace

class Server::Impl {
 public:
  Impl(ServerConfig config, Handler handler, const Clock& clock, Logger& logger)
      : shared(std::move(config), std::move(handler), clock, logger) {}

  Shared shared;
  std::uint16_t port = 0;
  std::vector<std::unique_ptr<LoopThread>> loops;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Server>> Server::start(ServerConfig config, Handler handler,
                                              const Clock& clock, Logger& logger) {
  MATRICULA_ASSERT(handler != nullptr && config.timer_tick.count() > 0);
  MATRICULA_TRY(Tcp::endpoint endpoint, check_listening(config));
  auto impl = std::make_unique<Impl>(std::move(config), std::move(handler), clock, logger);
  Shared& shared = impl->shared;
  MATRICULA_CHECK(load_tls(shared));
  const unsigned loops = shared.config.loops == 0 ? processor_count() : shared.config.loops;
  for (unsigned index = 0; index < loops; ++index) {
    auto loop = std::make_unique<LoopThread>(shared, index);
    if (const SystemError error = loop->listen(endpoint)) {
      return listening_failure(shared.config, error);
    }
    endpoint.port(loop->port());  // a free port is chosen once, for all
    impl->loops.push_back(std::move(loop));
  }
  impl->port = endpoint.port();
  shared.bounds = bounds_for(shared.config, logger);
  for (const auto& loop : impl->loops) {
    loop->run();
  }
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::~Server() {
  drain(std::chrono::milliseconds(0));
  impl_->shared.open.wait_until_none();
}

std::uint16_t Server::port() const {
  return impl_->port;
}

ServerStats Server::stats() const {
  ServerStats stats{.connections_open = impl_->shared.open.count()};
  for (const auto& loop : impl_->loops) {
    const LoopCounters& counters = loop->counters();
    stats.connections_accepted += counters.connections_accepted.get();
    stats.connections_refused += counters.connections_refused.get();
    stats.requests_in_flight += counters.requests_in_flight.get();
    stats.requests += counters.requests.get();
    stats.bytes_received += counters.bytes_received.get();
    stats.bytes_sent += counters.bytes_sent.get();
    stats.longest_callback = std::max(stats.longest_callback,
                                      std::chrono::nanoseconds(counters.longest_callback_ns.get()));
  }
  return stats;
}

Result<void> Server::reload_tls() {
  return load_tls(impl_->shared);
}

DrainReport Server::drain(std::chrono::milliseconds deadline) {
  std::latch done(static_cast<std::ptrdiff_t>(impl_->loops.size()));
  for (const auto& loop : impl_->loops) {
    loop->drain(done);
  }
  done.wait();
  const std::size_t left = impl_->shared.open.wait_until_none(deadline);
  for (const auto& loop : impl_->loops) {
    loop->cut();
  }
  return {.connections_cut = left};
}

}  // namespace matricula::http
