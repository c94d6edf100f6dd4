#include "server/serve.h"

#include <charconv>
#include <condition_variable>
#include <fmt/format.h>
#include <mutex>
#include <signal.h>
#include <sys/resource.h>
#include <thread>

#include "auth/authenticator.h"
#include "auth/credential_service.h"
#include "auth/key_file.h"
#include "auth/login_service.h"
#include "auth/password.h"
#include "auth/refusals.h"
#include "auth/retention.h"
#include "auth/secrets.h"
#include "auth/token_service.h"
#include "auth/user_service.h"
#include "http/server.h"
#include "pipeline/pipeline.h"
#include "server/auth_routes.h"
#include "server/demo.h"
#include "server/router.h"
#include "server/store.h"

namespace matricula::server {
namespace {

struct Address {
  std::string host;
  std::uint16_t port = 0;
};

// ADDRESS:PORT, with brackets around an IPv6 address.
Result<Address> parse_listen(const std::string& listen) {
  const std::size_t colon = listen.rfind(':');
  const auto wrong = [&] {
    return fail(ErrorCode::kUsage,
                fmt::format("--listen {}: not an address and a port; write 127.0.0.1:8080 or "
                            "[::1]:8080",
                            listen));
  };
  if (colon == std::string::npos || colon + 1 == listen.size()) {
    return wrong();
  }
  Address address{.host = listen.substr(0, colon)};
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  const char* end = listen.data() + listen.size();
  const auto [parsed, error] = std::from_chars(listen.data() + colon + 1, end, address.port);
  if (error != std::errc() || parsed != end || address.host.empty()) {
    return wrong();
  }
  return address;
}

// Blocks the signals in every thread made from here on; one thread waits for them.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

// Every connection is a descriptor: take what the system allows.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

constexpr unsigned kWorkersPerLoop = 4;

unsigned loops_of(const Config& config) {
  return config.threads != 0 ? config.threads : std::max(1U, std::thread::hardware_concurrency());
}

pipeline::PipelineOptions pipeline_options(const Config& config) {
  pipeline::PipelineOptions options;
  options.loops = loops_of(config);
  // Over a network a worker mostly waits.
  options.workers = config.workers != 0       ? config.workers
                    : is_shared(config.store) ? kWorkersPerLoop * options.loops
                                              : std::max(2U, options.loops);
  options.rate_limit = config.rate_limit;
  options.request_timeout = config.request_timeout;
  options.parse = {.tokens = config.document_tokens,
                   .selection_depth = config.selection_depth,
                   .nesting = config.nesting,
                   .aliases = config.aliases,
                   .root_fields = config.root_fields};
  options.validation = {.merge_comparisons_max = config.merge_comparisons,
                        .fragment_expansions_max = config.fragment_expansions,
                        .suggestions = config.suggestions,
                        .selection_depth = config.selection_depth,
                        .aliases = config.aliases,
                        .root_fields = config.root_fields};
  options.execution.response_bytes_max = config.response_bytes_max;
  options.plans = {.entries = config.plan_cache_entries, .bytes = config.plan_cache_bytes};
  return options;
}

http::ServerConfig http_config(const Config& config, const Address& address) {
  http::ServerConfig http;
  http.address = address.host;
  http.port = address.port;
  http.loops = loops_of(config);
  if (config.tls_cert && config.tls_key) {
    http.tls = http::TlsFiles{*config.tls_cert, *config.tls_key};
  }
  http.body_bytes_max = config.body_bytes_max;
  http.head_bytes_max = config.head_bytes_max;
  http.connections_max = config.connections_max;
  http.idle_timeout = config.idle_timeout;
  http.head_timeout = config.head_timeout;
  http.body_timeout = config.body_timeout;
  http.access_log = config.access_log;
  return http;
}

// Writes what is counted and refused to the store from time to time, and once more at the end.
class Flusher {
 public:
  Flusher(pipeline::Pipeline& pipeline, auth::Refusals& refusals, storage::Database& database,
          const Clock& clock, Logger& logger)
      : pipeline_(pipeline),
        refusals_(refusals),
        database_(database),
        clock_(clock),
        logger_(logger) {
    thread_ = std::thread([this] { work(); });
  }
  ~Flusher() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_all();
    thread_.join();
    flush();
  }

 private:
  static constexpr std::chrono::seconds kEvery{15};
  static constexpr int kRoundsToAnHour = 240;

  void work() {
    std::unique_lock lock(mutex_);
    for (int round = 0; !wake_.wait_for(lock, kEvery, [this] { return ending_; }); ++round) {
      flush();
      if (round % kRoundsToAnHour == 0) {
        drop_ended();
      }
    }
  }

  void drop_ended() {
    while (true) {
      const auto dropped = auth::drop_ended_tokens(database_, clock_);
      if (!dropped) {
        logger_.log(LogLevel::kWarning, "ended tokens could not be dropped",
                    {{"error", dropped.error().message}, {"internal", dropped.error().internal}});
      }
      if (!dropped || *dropped < auth::kDropsPerTransaction) {
        return;
      }
    }
  }

  void flush() {
    for (const auto& done : {pipeline_.flush_uses(), refusals_.flush(database_)}) {
      if (!done) {
        logger_.log(LogLevel::kWarning, "use and refusals could not be written; kept for later",
                    {{"error", done.error().message}, {"internal", done.error().internal}});
      }
    }
  }

  pipeline::Pipeline& pipeline_;
  auth::Refusals& refusals_;
  storage::Database& database_;
  const Clock& clock_;
  Logger& logger_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::thread thread_;
};

std::string url_of(const Config& config, const Address& address, std::uint16_t port) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", config.tls_cert ? "https" : "http", v6 ? "[" : "",
                     address.host, v6 ? "]" : "", port);
}

}  // namespace

Result<void> serve(const Config& config, const Clock& clock) {
  MATRICULA_TRY(const Address address, parse_listen(config.listen));
  if (config.tls_cert.has_value() != config.tls_key.has_value()) {
    return fail(ErrorCode::kUsage, "--tls-cert and --tls-key belong together; give both");
  }
  const sigset_t signals = block_signals();
  raise_descriptor_limit();
  JsonLogger logger(clock, 2, config.log_level);
  MATRICULA_TRY(const auto database, open_store(config.store,
                                                {.page_cache_bytes = config.page_cache_bytes,
                                                 .statement_timeout = config.request_timeout},
                                                clock));
  MATRICULA_TRY(const auth::Secrets secrets,
                auth::open_secrets(*database, shown_store(config.store),
                                   key_file_of(config.store, config.key_file)));
  auth::Refusals refusals(clock);
  auth::PasswordHasher hasher;
  auth::TokenService tokens(*database, secrets, refusals, clock);
  auth::CredentialService credentials(*database, secrets, refusals, clock);
  auth::UserService users(*database, hasher, refusals, clock);
  auth::LoginService logins(*database, secrets, hasher, refusals, clock);
  domains::Services services{.tokens = tokens, .credentials = credentials, .users = users};
  std::optional<DemoCredential> demo;
  if (config.demo) {
    MATRICULA_TRY(demo, prepare_demo(*database, credentials, clock));
  }
  MATRICULA_TRY(const auto pipeline, pipeline::Pipeline::open({.database = *database,
                                                               .secrets = secrets,
                                                               .refusals = refusals,
                                                               .services = services,
                                                               .clock = clock,
                                                               .logger = logger},
                                                              pipeline_options(config)));
  AuthRoutes auth_routes(*pipeline, logins, clock, logger);
  Router router(*pipeline, auth_routes, *database);
  const Flusher flusher(*pipeline, refusals, *database, clock, logger);
  MATRICULA_TRY(const auto server,
                http::Server::start(
                    http_config(config, address),
                    [&router](const http::Request& request, http::Responder responder) {
                      router.handle(request, std::move(responder));
                    },
                    clock, logger));
  router.watch(*server);
  const std::string url = url_of(config, address, server->port());
  fmt::print("listening on {}\n", url);
  if (demo) {
    print_demo(*demo, url);
  }
  std::fflush(stdout);

  int received = 0;
  sigwait(&signals, &received);
  logger.log(LogLevel::kInfo, "draining", {{"signal", strsignal(received)}});
  router.begin_drain();
  // A second signal ends the process as if nothing were blocked.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  const http::DrainReport report = server->drain(config.drain_timeout);
  logger.log(LogLevel::kInfo, "stopped",
             {{"connectionsCut", fmt::to_string(report.connections_cut)}});
  return {};
}

}  // namespace matricula::server
