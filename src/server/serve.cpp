#include "server/serve.h"

#include <csignal>
#include <fmt/format.h>
#include <optional>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

#include "auth/access/credential_service.h"
#include "auth/access/login_service.h"
#include "auth/access/token_service.h"
#include "auth/access/user_service.h"
#include "auth/authentication/authenticator.h"
#include "auth/secrets/key_file.h"
#include "auth/secrets/password.h"
#include "auth/secrets/secrets.h"
#include "auth/trail/access_clock.h"
#include "auth/trail/refusals.h"
#include "base/descriptor.h"
#include "base/log_flood.h"
#include "base/queued_log.h"
#include "http/server.h"
#include "pipeline/pipeline.h"
#include "server/auth_routes.h"
#include "server/checked_settings.h"
#include "server/data_routes.h"
#include "server/demo.h"
#include "server/flusher.h"
#include "server/issuer_keys.h"
#include "server/key_places.h"
#include "server/listen_address.h"
#include "server/memory_trimmer.h"
#include "server/module_options.h"
#include "server/portal_routes.h"
#include "server/reload.h"
#include "server/repeater.h"
#include "server/router.h"
#include "server/routes.h"
#include "server/served_store.h"
#include "server/signals.h"
#include "server/store.h"
#include "server/store_probe.h"
#include "server/threads.h"

namespace matricula::server {
namespace {

// Every connection is a descriptor: take what the system allows.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

// A core dump would have keys and passwords in it.
void forbid_core_dumps() {
  prctl(PR_SET_DUMPABLE, 0);
}

constexpr std::size_t kMetricsConnectionsMax = 256;

// One identity may have one part in so many of the memory for answers, and of the spool.
constexpr std::uint64_t kSharesOfAnswers = 4;

// One year: the minimum for the HSTS preload lists of browsers.
void add_transport_security(const http::Request& request, http::HeaderLines& fields) {
  if (request.tls) {
    fields.add("Strict-Transport-Security", "max-age=31536000");
  }
}

// How long a reader of standard output that does not read is waited for.
constexpr std::chrono::milliseconds kAnnouncePatience{5'000};

// Prints the lines that scripts and people wait for. Without a standard output there is no reader,
// which is no error.
Result<void> announce(std::string_view text) {
  if (!is_writable(STDOUT_FILENO)) {
    return {};
  }
  const Result<void> written = write_within(STDOUT_FILENO, text, kAnnouncePatience);
  return written
             ? written
             : fail(ErrorCode::kIo, "cannot write to standard output: " + written.error().message);
}

// The parts of a server that do not depend on the store, and are made before it is opened.
struct Process {
  const Config& config;
  const Clock& clock;
  const Signals& signals;
  Logger& logger;
  const CheckedSettings& settings;
  const std::shared_ptr<spool::Spool>& spool;
  IssuerKeys& issuer;
};

// The server of --metrics-listen, for operators alone; null without it. `router` outlives it.
Result<std::unique_ptr<http::Server>> start_metrics_server(const Process& process, Router& router) {
  const Config& config = process.config;
  if (config.metrics_listen.empty()) {
    return std::unique_ptr<http::Server>();
  }
  MATRICULA_TRY(const ListenAddress address,
                read_listen_address("--metrics-listen", config.metrics_listen));
  http::ServerConfig settings{.address = address.host, .port = address.port, .loops = 1};
  settings.connections_max = kMetricsConnectionsMax;
  settings.access_log = config.access_log;
  settings.known_paths = operator_paths();
  MATRICULA_TRY(auto server,
                http::Server::start(
                    std::move(settings),
                    [&router](const http::Request& request, http::Responder responder) {
                      router.handle_operator(request, std::move(responder));
                    },
                    process.clock, process.logger));
  MATRICULA_CHECK(
      announce(fmt::format("metrics at {}/metrics\n", url_of("http", address, server->port()))));
  return server;
}

DemoPlace place_of_demo(const Config& config, const std::string& url) {
  return {
      .url = url, .store = config.store, .key_file = config.key_file, .program = config.program};
}

// Makes the secrets of the demo and prints them; revokes them where they cannot be printed.
Result<void> show_demo(const DemoServices& services, const std::string& company_id,
                       const DemoPlace& place) {
  if (!is_writable(STDOUT_FILENO)) {
    return {};
  }
  MATRICULA_TRY(const DemoAccess access, open_demo(services, company_id));
  Result<void> shown = announce(demo_text(access, place));
  if (!shown) {
    MATRICULA_CHECK(revoke_demo(services, access));
  }
  return shown;
}

// The server that clients talk to. All arguments outlive it.
Result<std::unique_ptr<http::Server>> start_server(const Process& process,
                                                   const execution::AnswerPlaces& answers,
                                                   Router& router) {
  http::ServerConfig settings =
      http_config(process.config, process.settings.address, process.settings.proxies, answers);
  settings.add_fields = [&cross_origin = process.settings.cross_origin](
                            const http::Request& request, http::HeaderLines& fields) {
    add_transport_security(request, fields);
    cross_origin.add_fields(request, fields);
  };
  MATRICULA_TRY(auto server,
                http::Server::start(
                    std::move(settings),
                    [&router](const http::Request& request, http::Responder responder) {
                      router.handle(request, std::move(responder));
                    },
                    process.clock, process.logger));
  router.watch(*server);
  return server;
}

// Waits for a signal that ends the server, and drains it.
void serve_until_signal(const Process& process, http::Server& server, Router& router,
                        pipeline::Pipeline& pipeline) {
  const int received = process.signals.wait_for_end([&] {
    reload({.server = server,
            .tls = process.config.tls_cert.has_value(),
            .issuer = process.issuer,
            .pipeline = pipeline,
            .logger = process.logger});
  });
  process.logger.log(LogLevel::kInfo, "draining", {{"signal", strsignal(received)}});
  router.begin_drain();
  Signals::end_process_at_once();
  const http::DrainReport report = server.drain(process.config.drain_timeout);
  process.logger.log(LogLevel::kInfo, "stopped",
                     {{"connectionsCut", fmt::to_string(report.connections_cut), true}});
}

// The services of people, tokens and credentials over one store, and what they work with.
struct AccessServices {
  AccessServices(storage::Database& store, const auth::Secrets& keys,
                 const auth::AccessClock& access_clock, const auth::TokenLimits& limits)
      : database(store),
        secrets(keys),
        clock(access_clock),
        refusals(clock),
        tokens(database, secrets, refusals, clock, limits),
        credentials(database, secrets, refusals, clock),
        users(database, hasher, refusals, clock),
        logins(database, secrets, hasher, refusals, clock) {}

  DemoServices for_demo() {
    return {.credentials = credentials, .tokens = tokens, .users = users, .clock = clock};
  }

  storage::Database& database;
  const auth::Secrets& secrets;
  const auth::AccessClock& clock;
  auth::Refusals refusals;
  auth::PasswordHasher hasher;
  auth::TokenService tokens;
  auth::CredentialService credentials;
  auth::UserService users;
  auth::LoginService logins;
  domains::Services of_domains{.tokens = tokens, .credentials = credentials, .users = users};
};

Result<std::shared_ptr<spool::Spool>> open_spool(const Config& config) {
  return spool::Spool::open({.directory = config.spool_directory,
                             .bytes_max = config.spool_bytes,
                             .share_max = config.spool_bytes / kSharesOfAnswers});
}

// Returns unused disk space and memory of answers to the system.
std::function<void()> give_back_room(spool::Spool& spool, const spool::Budget& memory) {
  return [&spool, trimmer = MemoryTrimmer(memory)]() mutable {
    spool.trim();
    trimmer.trim();
  };
}

// Prints where the server listens; returns the URL for clients on this machine.
Result<std::string> announce_server(const Config& config, const ListenAddress& address,
                                    std::uint16_t port) {
  const char* const scheme = config.tls_cert ? "https" : "http";
  MATRICULA_CHECK(announce(fmt::format("listening on {}\n", url_of(scheme, address, port))));
  return url_of(scheme, client_address(address), port);
}

// Opens the pipeline, which refers to the services.
Result<std::unique_ptr<pipeline::Pipeline>> open_pipeline(const Process& process,
                                                          AccessServices& access,
                                                          const execution::AnswerPlaces& answers) {
  return pipeline::Pipeline::open({.database = access.database,
                                   .secrets = access.secrets,
                                   .refusals = access.refusals,
                                   .services = access.of_domains,
                                   .clock = access.clock,
                                   .logger = process.logger,
                                   .outside = process.issuer.source(),
                                   .answers = answers},
                                  pipeline_options(process.config));
}

Result<void> serve_store(const Process& process, storage::Database& database) {
  const Config& config = process.config;
  const Clock& clock = process.clock;
  MATRICULA_TRY(const auth::Secrets secrets,
                auth::open_secrets(database, shown_store(config.store),
                                   key_places_of(config.store, config.key_file)));
  spool::Budget answer_memory(config.response_memory_bytes,
                              config.response_memory_bytes / kSharesOfAnswers);
  const Repeater trimmer(std::chrono::seconds(1), give_back_room(*process.spool, answer_memory));
  const execution::AnswerPlaces answers{.memory = &answer_memory, .spool = process.spool};
  MATRICULA_TRY(const auto access_clock, auth::AccessClock::open(database, clock));
  AccessServices access(database, secrets, *access_clock, config.tokens);
  std::string demo_company;
  if (config.demo) {
    MATRICULA_TRY(demo_company, prepare_demo(database, clock));
  }
  MATRICULA_TRY(const auto pipeline, open_pipeline(process, access, answers));
  MATRICULA_TRY(const auto auth_routes, AuthRoutes::open({.database = database,
                                                          .secrets = secrets,
                                                          .logins = access.logins,
                                                          .gate = pipeline->gate(),
                                                          .outside = process.issuer.source()}));
  PortalRoutes portal_routes(*pipeline, access.credentials);
  MATRICULA_TRY(const auto data_routes, DataRoutes::open(database, secrets, process.issuer.source(),
                                                         *pipeline, config.tombstones_days > 0));
  StoreProbe probe(StoreProbe::source_of(database), clock);
  Router router({*pipeline, *auth_routes, portal_routes, *data_routes, probe},
                {.cross_origin = process.settings.cross_origin,
                 .playground = config.playground,
                 .metrics = config.metrics_listen.empty()});
  const Flusher flusher(
      {.pipeline = *pipeline,
       .data = *data_routes,
       .refusals = access.refusals,
       .database = database,
       .clock = clock,
       .access_clock = *access_clock,
       .logger = process.logger},
      {.tombstones_days = config.tombstones_days, .audit_days = config.audit_days});
  std::unique_ptr<http::Server> server;  // the other one reports on it until it is gone itself
  MATRICULA_TRY(const auto metrics_server, start_metrics_server(process, router));
  MATRICULA_TRY(server, start_server(process, answers, router));
  MATRICULA_TRY(const std::string url,
                announce_server(config, process.settings.address, server->port()));
  if (config.demo) {
    MATRICULA_CHECK(show_demo(access.for_demo(), demo_company, place_of_demo(config, url)));
  }
  serve_until_signal(process, *server, router, *pipeline);
  return {};
}

}  // namespace

Result<void> serve(const Config& config, const Clock& clock) {
  const Signals signals;
  signal(SIGPIPE, SIG_IGN);
  MATRICULA_TRY(const CheckedSettings settings, check_settings(config));
  raise_descriptor_limit();
  forbid_core_dumps();
  MATRICULA_CHECK(require_threads(threads_max(config)));
  QueuedLogger log_lines(clock, 2, config.log_level, config.log_queue_bytes);
  FloodGuard logger(log_lines, clock);
  const Repeater flood_reporter(std::chrono::seconds(1), [&logger] { logger.report_held_back(); });
  MATRICULA_TRY(const auto spool, open_spool(config));
  MATRICULA_TRY(const auto issuer, IssuerKeys::open(config, logger));
  MATRICULA_TRY(const auto database, open_served_store(config, signals, clock, logger));
  if (database == nullptr) {
    return {};
  }
  return serve_store({.config = config,
                      .clock = clock,
                      .signals = signals,
                      .logger = logger,
                      .settings = settings,
                      .spool = spool,
                      .issuer = *issuer},
                     *database);
}

}  // namespace matricula::server
