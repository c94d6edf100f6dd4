#pragma once

// Internal to the server, since it includes Asio: for the headers of a connection and server.cpp.

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <openssl/types.h>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "http/address_counts.h"
#include "http/compress.h"
#include "http/connection_bounds.h"
#include "http/helpers.h"
#include "http/reply_head.h"
#include "http/request_ids.h"
#include "http/request_reader.h"
#include "http/server.h"
#include "http/timer_wheel.h"
#include "spool/budget.h"

namespace matricula::http {

// The executor is named in every type: the type-erased one that Asio's short names imply costs a
// third of the throughput.
using Executor = boost::asio::io_context::executor_type;
using Tcp = boost::asio::ip::tcp;
using Socket = boost::asio::basic_stream_socket<Tcp, Executor>;
using Acceptor = boost::asio::basic_socket_acceptor<Tcp, Executor>;
using Timer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

// How many connections exist, those that only a Responder still holds included.
class OpenConnections {
 public:
  void add() {
    const std::lock_guard lock(mutex_);
    count_.fetch_add(1, std::memory_order_relaxed);
  }
  void remove() {
    // Counted under the lock: who waits may destroy this object as soon as the count is zero.
    const std::lock_guard lock(mutex_);
    if (count_.fetch_sub(1, std::memory_order_relaxed) == 1) {
      none_left_.notify_all();
    }
  }
  std::size_t count() const { return count_.load(std::memory_order_relaxed); }
  void wait_until_none() {
    std::unique_lock lock(mutex_);
    none_left_.wait(lock, [this] { return count() == 0; });
  }
  // Returns how many are left when the time is over.
  std::size_t wait_until_none(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    none_left_.wait_for(lock, patience, [this] { return count() == 0; });
    return count();
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_left_;
  std::atomic<std::size_t> count_ = 0;
};

// The TLS context of connections to come; null without TLS. Connections keep the one that they
// began with.
class TlsSlot {
 public:
  std::shared_ptr<SSL_CTX> get() const {
    const std::lock_guard lock(mutex_);
    return context_;
  }
  void set(std::shared_ptr<SSL_CTX> context) {
    const std::lock_guard lock(mutex_);
    context_ = std::move(context);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<SSL_CTX> context_;
};

// What all loops share. Never changes once the loops run, apart from the counts and the TLS
// context.
struct Shared {
  Shared(ServerConfig config_in, Handler handler_in, const Clock& clock_in, Logger& logger_in)
      : config(std::move(config_in)),
        limits{.head_bytes_max = config.head_bytes_max,
               .head_fields_max = config.head_fields_max,
               .body_bytes_max = config.body_bytes_max},
        handler(std::move(handler_in)),
        clock(clock_in),
        logger(logger_in),
        body_memory(std::max<std::uint64_t>(config.body_memory_max, config.body_bytes_max),
                    std::max<std::uint64_t>(config.body_memory_max / kSharesOfBodies,
                                            config.body_bytes_max)),
        helpers(config.helpers) {}

  // One client has a quarter at most of the memory for bodies, yet room for one of any size.
  static constexpr std::uint64_t kSharesOfBodies = 4;

  const ServerConfig config;
  const ReaderLimits limits;
  const Handler handler;
  const Clock& clock;
  Logger& logger;
  TlsSlot tls;
  OpenConnections open;
  AddressCounts addresses;
  spool::Budget body_memory;
  ConnectionBounds bounds;  // set before the loops run
  Helpers helpers;          // last: their work ends before what it is done for
};

// Written by one loop, read by anyone.
struct Counter {
  void add(std::uint64_t amount) {
    value.store(value.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  void subtract(std::uint64_t amount) { add(~amount + 1); }
  std::uint64_t get() const { return value.load(std::memory_order_relaxed); }
  void raise(std::uint64_t least) {
    value.store(std::max(get(), least), std::memory_order_relaxed);
  }
  std::atomic<std::uint64_t> value = 0;
};

struct LoopCounters {
  Counter connections_accepted;
  Counter connections_refused;
  Counter requests_in_flight;
  Counter requests;
  Counter bytes_received;
  Counter bytes_sent;
  Counter longest_callback_ns;
};

class Connection;

// The state of one loop. Only its thread uses it, apart from `io` (to post), `counters` and
// `dropped`.
struct Loop final : LoopTasks {
  Loop(Shared& shared_in, unsigned index_in)
      : shared(shared_in),
        index(index_in),
        wheel(shared.config.timer_tick, shared.clock.monotonic()),
        date(http_date(shared.clock.now())) {}

  bool is_this_thread() const { return thread == std::this_thread::get_id(); }

  // Handlers run in the order in which they were posted or became ready, and what is ready is
  // looked for once in a round of them. So work that is posted once runs before what is found after
  // it; it is posted again once that has been found.
  void run_later(std::function<void()> work) override {
    boost::asio::post(
        io, [this, work = std::move(work)]() mutable { boost::asio::post(io, std::move(work)); });
  }

  Shared& shared;
  const unsigned index;
  std::thread::id thread;
  TimerWheel wheel;
  RequestIds ids;
  Compressor compressor;
  std::string date;
  bool draining = false;
  LoopCounters counters;
  std::mutex dropped_mutex;
  std::shared_ptr<Connection> dropped;      // the first of those that will never be answered
  std::array<char, 16 * 1024> discarded{};  // bytes that are read and ignored
  std::array<char, 64 * 1024> room{};       // for the piece of a body that is being written
  boost::asio::io_context io{1};            // last: its handlers go first
};

}  // namespace matricula::http
