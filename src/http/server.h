#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/network.h"
#include "base/result.h"
#include "http/message.h"

namespace matricula::http {

// PEM files.
struct TlsFiles {
  std::string certificate_chain;
  std::string private_key;
};

// A request whose answer was written, or could not be.
struct RequestSummary {
  std::string_view method;
  std::string_view path;  // without the query; empty when the head could not be read
  std::string_view request_id;
  std::string_view client;    // its address
  std::string_view identity;  // Response::identity
  int status = 0;
  std::chrono::microseconds duration{0};  // from the complete request to the written answer
  std::size_t bytes_sent = 0;
  unsigned loop = 0;
};

// Every limit has the default of the contract. Timeouts are totals, not gaps between reads,
// apart from write_timeout, and hold to within `timer_tick`.
struct ServerConfig {
  std::string address = "127.0.0.1";  // an IPv4 or IPv6 address; "::" takes both families
  std::uint16_t port = 8080;          // 0: one that is free, see Server::port()
  unsigned loops = 0;                 // threads; 0: processor_count()
  std::optional<TlsFiles> tls = {};
  std::vector<Network> trusted_proxies = {};  // whose X-Forwarded-For is believed

  std::size_t body_bytes_max = 256 * 1024;  // 413
  // 503; of all bodies of more than 16 KiB whose requests are arriving or handled.
  std::uint64_t body_memory_max = 64 * 1024 * 1024;
  std::size_t head_bytes_max = 16 * 1024;  // 431
  std::size_t head_fields_max = 100;       // 431
  // 503; more than 10,000 idle ones fit. Fewer where the system permits fewer open files.
  std::size_t connections_max = 16'000;
  // 503; of one IPv4 address or IPv6 /64. 0: three quarters of connections_max.
  std::size_t connections_per_address_max = 0;

  std::chrono::milliseconds idle_timeout{75'000};   // between requests: close
  std::chrono::milliseconds head_timeout{10'000};   // from a head's first byte: 408
  std::chrono::milliseconds body_timeout{30'000};   // from the end of the head: 408
  std::chrono::milliseconds write_timeout{60'000};  // without progress in an answer: close
  std::chrono::milliseconds park_after{100};        // without progress: the answer leaves memory
  std::chrono::milliseconds linger_timeout{2'000};  // for the peer to read our last answer, while
  std::chrono::milliseconds linger_total{30'000};   // it sends on: from its last byte, and in all
  std::chrono::milliseconds drain_grace{100};       // in drain(): idle connections may still speak
  std::chrono::milliseconds timer_tick{100};

  std::size_t compression_bytes_min = 2048;  // bodies above this are compressed on request
  std::size_t compression_bytes_at_once = 128 * 1024;  // by the loop; larger ones by helpers
  unsigned helpers = 1;                                // threads that compress large bodies
  // For answers that wait for slow clients; both may be null, and must outlive the server.
  spool::Budget* memory = nullptr;
  std::shared_ptr<spool::Spool> spool = nullptr;
  bool access_log = true;                     // one line a request at kInfo
  bool measure_callbacks = false;             // for ServerStats::longest_callback
  std::vector<std::string> known_paths = {};  // may be logged whatever became of the request

  // Adds header fields to every answer. Like on_request, called on the loop threads; must be safe
  // to call from all of them.
  std::function<void(const Request&, HeaderLines&)> add_fields = {};
  // Called on the loop threads after every answer; must be safe to call from all of them.
  std::function<void(const RequestSummary&)> on_request = {};
};

// Totals since start, and what is open now.
struct ServerStats {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;  // over connections_max, or over those of an address
  std::uint64_t requests_in_flight = 0;   // handed to the handler, not yet answered
  std::uint64_t requests = 0;             // answered, refused ones included
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
  // CPU time that one callback of a loop took at most; 0 without `measure_callbacks`.
  std::chrono::nanoseconds longest_callback{0};
};

struct DrainReport {
  std::size_t connections_cut = 0;  // closed by force when the deadline had come
};

// Called on the loop thread `request.loop`; must not block it for long. `request` stays valid until
// the responder has sent, so both may be handed to another thread.
using Handler = std::function<void(const Request& request, Responder responder)>;

// An HTTP/1.1 server over TCP or TLS. Each loop thread has its own acceptor on the same port and
// its own connections. All members may be called from any thread that is not a loop thread.
class Server {
 public:
  // Listens and serves from here on. `clock` and `logger` must outlive the server. Fails, naming
  // what was given and what to do, with kUsage when the address is none, and with kIo when it
  // cannot be bound or the TLS files cannot be used.
  static Result<std::unique_ptr<Server>> start(ServerConfig config, Handler handler,
                                               const Clock& clock, Logger& logger);

  // Drains with no patience, then waits for Responders that are still held elsewhere: whoever
  // holds them must not wait for the server.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  ServerStats stats() const;

  // Reads the TLS files again for connections to come; those that are open keep what they have.
  // Without TLS nothing happens. Fails as start() does; what was in use before stays in use.
  Result<void> reload_tls();

  // Stops accepting, answers every request that has begun to arrive, closes connections as they
  // become idle, and returns when none is left or when `deadline` has passed; what is open then is
  // cut. A second call waits likewise.
  DrainReport drain(std::chrono::milliseconds deadline);

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace matricula::http
