#include "server/serve.h"

#include "cli/context.h"
#include "cli/options.h"
#include "ratelimit/limiter.h"

namespace matricula::cli {
namespace {

struct ServeOptions {
  server::Config config;
  std::string cert;
  std::string key;
  std::string log_level = "info";
};

constexpr std::uint64_t kMiB = std::uint64_t{1024} * 1024;
constexpr std::uint64_t kGiB = 1024 * kMiB;
constexpr std::uint64_t kDayMs = 86'400'000;

// An option with bounds: a number outside of them is refused before anything starts.
template <typename Value>
void add_size(CLI::App& serve, const std::string& flag, Value& value, Bounds bounds,
              const std::string& help) {
  add_number(serve, flag, value, bounds, help);
}

void add_timeout(CLI::App& serve, const std::string& flag, std::chrono::milliseconds& time,
                 const std::string& help) {
  add_size(serve, flag, time, {1, kDayMs}, help + ", in milliseconds");
}

LogLevel level_of(const std::string& name) {
  return name == "debug"     ? LogLevel::kDebug
         : name == "info"    ? LogLevel::kInfo
         : name == "warning" ? LogLevel::kWarning
                             : LogLevel::kError;
}

// How many tokens and requests people and companies may have, and how long the trail is kept.
void add_access_limits(CLI::App& serve, server::Config& config) {
  add_size(serve, "--company-rate-limit", config.company_rate_limit, {0, ratelimit::kLimitMax},
           "data requests in 60 seconds of a company's identities together, at least --rate-limit; "
           "0: no limit");
  add_size(serve, "--token-days", config.tokens.default_days, {0, auth::kTokenDaysMax},
           "lifetime of a token that is created without an expiry; 0: it never expires");
  add_size(serve, "--tokens-per-user", config.tokens.live_of_user_max, {1, auth::kLiveTokensMax},
           "most live tokens of a user");
  add_size(serve, "--tokens-per-credential", config.tokens.live_of_credential_max,
           {1, auth::kLiveTokensMax}, "most live tokens of a client credential");
  add_size(serve, "--audit-days", config.audit_days, {0, server::kAuditDaysMax},
           "days that the audit trail is kept; 0: forever; on PostgreSQL see `audit prune`");
}

Result<int> run(Context& context, ServeOptions& options) {
  server::Config& config = options.config;
  config.store = context.store;
  config.program = context.program;
  config.key_file = context.key_file;
  config.log_level = level_of(options.log_level);
  if (!options.cert.empty()) {
    config.tls_cert = options.cert;
  }
  if (!options.key.empty()) {
    config.tls_key = options.key;
  }
  MATRICULA_CHECK(server::serve(config, context.clock));
  return 0;
}

void add_place(CLI::App& serve, ServeOptions& options) {
  server::Config& config = options.config;
  serve
      .add_option("--listen", config.listen,
                  "where it listens: ADDRESS:PORT, [::1]:8080 for IPv6; port 0 picks one")
      ->type_name("ADDRESS")
      ->capture_default_str();
  add_size(serve, "--store-wait-ms", config.store_wait, {0, kDayMs},
           "PostgreSQL: time to wait for a server that is not there yet");
  serve.add_flag("--allow-privileged-role", config.allow_privileged_role,
                 "PostgreSQL: serve even as a superuser or as the owner of the tables");
  serve.add_flag("--demo", config.demo,
                 "fill an empty store with a synthetic company, and print a log in, a credential "
                 "and a curl line");
  add_size(serve, "--threads", config.threads, {0, 1'024},
           "event loops; 0: as many as processors may be used (cgroup quota included)");
  add_size(serve, "--workers", config.workers, {0, 1'024},
           "threads for slow work; 0: two for each event loop");
  serve
      .add_option("--trusted-proxy", config.trusted_proxies,
                  "a network whose X-Forwarded-For is believed")
      ->type_name("NETWORK");
  serve
      .add_option("--metrics-listen", config.metrics_listen,
                  "ADDRESS:PORT for /metrics, which is then served only there")
      ->type_name("ADDRESS");
  serve.add_option("--tls-cert", options.cert, "certificate chain (PEM); with --tls-key")
      ->type_name("FILE");
  serve.add_option("--tls-key", options.key, "private key (PEM); with --tls-cert")
      ->type_name("FILE");
}

void add_callers(CLI::App& serve, ServeOptions& options) {
  server::Config& config = options.config;
  add_size(serve, "--rate-limit", config.rate_limit, {0, ratelimit::kLimitMax},
           "requests in 60 seconds for an identity; 0: no limit");
  add_access_limits(serve, config);
  serve
      .add_option("--rate-limit-fields", config.rate_limit_fields,
                  "also send RateLimit and RateLimit-Policy of the IETF's draft")
      ->type_name("true|false")
      ->default_str(config.rate_limit_fields ? "true" : "false");
  serve.add_option("--jwks", config.jwks, "JWK set of an identity provider: a file or a URL")
      ->type_name("PLACE");
  serve.add_option("--jwt-issuer", config.jwt_issuer, "what `iss` of its JWTs must be")
      ->type_name("ISS");
  serve.add_option("--jwt-audience", config.jwt_audience, "what `aud` must be or contain")
      ->type_name("AUD");
  serve.add_flag("--jwt-email-verified", config.jwt_email_verified,
                 "refuse its JWTs without `email_verified`; where it is there, it must be true");
  add_size(serve, "--jwt-lifetime-s", config.jwt_lifetime_s, {1, 31'536'000},
           "how long its JWTs are accepted at most, in seconds from `iat`");
  serve
      .add_option("--cors-origin", config.cors_origins,
                  "a web origin whose scripts may read the API")
      ->type_name("ORIGIN");
}

void add_log(CLI::App& serve, ServeOptions& options) {
  serve.add_option("--log-level", options.log_level, "debug, info, warning or error")
      ->type_name("LEVEL")
      ->capture_default_str()
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
  serve.add_flag("--access-log,!--no-access-log", options.config.access_log,
                 "one log line a request; on by default");
  add_size(serve, "--log-queue-bytes", options.config.log_queue_bytes, {4'096, kGiB},
           "lines of the log that wait for their reader; lines beyond are dropped and counted");
}

void add_connections(CLI::App& serve, ServeOptions& options) {
  server::Config& config = options.config;
  add_size(serve, "--body-bytes", config.body_bytes_max, {1, kGiB}, "largest request body");
  add_size(serve, "--head-bytes", config.head_bytes_max, {256, kMiB}, "largest request head");
  add_size(serve, "--connections", config.connections_max, {1, 1'000'000}, "most open connections");
  add_size(serve, "--connections-per-address", config.connections_per_address_max, {0, 1'000'000},
           "most open connections of an address or IPv6 /64; 0: three quarters of all");
  add_timeout(serve, "--idle-timeout-ms", config.idle_timeout, "idle connections close after it");
  add_timeout(serve, "--head-timeout-ms", config.head_timeout, "time for a request's head");
  add_timeout(serve, "--body-timeout-ms", config.body_timeout, "time for a request's body");
  add_timeout(serve, "--request-timeout-ms", config.request_timeout, "time for an answer");
  add_timeout(serve, "--drain-timeout-ms", config.drain_timeout, "time to finish after SIGTERM");
}

void add_requests(CLI::App& serve, ServeOptions& options) {
  server::Config& config = options.config;
  add_size(serve, "--document-tokens", config.document_tokens, {1, kMiB}, "tokens of a document");
  add_size(serve, "--selection-depth", config.selection_depth, {1, 180}, "depth of selections");
  add_size(serve, "--nesting", config.nesting, {1, 200}, "nesting of any kind");
  add_size(serve, "--aliases", config.aliases, {0, kMiB}, "aliases of a document");
  add_size(serve, "--root-fields", config.root_fields, {1, kMiB}, "root fields of an operation");
  add_size(serve, "--mutations", config.mutations, {1, kMiB},
           "mutations of a request, each of which counts as a request");
  add_size(serve, "--merge-comparisons", config.merge_comparisons, {1, kGiB},
           "comparisons to see whether fields can merge");
  add_size(serve, "--fragment-expansions", config.fragment_expansions, {1, kGiB},
           "fragments that a document spreads, in total");
  add_size(serve, "--filter-values", config.filter_values_max, {1, kMiB},
           "values of all filter lists of a request");
  add_size(serve, "--response-bytes", config.response_bytes_max, {1, kGiB}, "largest answer");
  add_size(serve, "--request-memory", config.request_memory_bytes, {kMiB, 1024 * kGiB},
           "memory for request bodies of more than 16 KiB, in bytes");
  add_size(serve, "--response-memory", config.response_memory_bytes, {kMiB, 1024 * kGiB},
           "memory for answers that are made or sent, in bytes");
  add_size(serve, "--spool-bytes", config.spool_bytes, {kMiB, 1024 * kGiB},
           "disk space for answers that are not read yet, in bytes");
  serve.add_option("--spool-dir", config.spool_directory,
                   "directory of that temporary file; default $TMPDIR, else /var/tmp, else /tmp");
  add_number(serve, "--read-model-bytes", config.read_model_bytes, {0, 1024 * kGiB},
             "memory for lists of companies that are asked for; 0: all are read from the store")
      .default_str("a quarter of the memory that there is");
  add_size(serve, "--plan-cache-entries", config.plan_cache_entries, {0, kMiB},
           "plans kept by a thread");
  add_size(serve, "--plan-cache-bytes", config.plan_cache_bytes, {0, 64 * kGiB},
           "memory for plans, a thread");
  add_size(serve, "--page-cache-bytes", config.page_cache_bytes, {kMiB, 1024 * kGiB},
           "store cache, a session");
  add_size(serve, "--tombstones-days", config.tombstones_days, {0, 36'500},
           "days that deletes are kept for followers of changes; 0 keeps none");
  serve
      .add_option("--trusted-documents", config.trusted_documents,
                  "a JSON file from ids to documents")
      ->type_name("FILE");
  serve.add_flag("--trusted-documents-only", config.trusted_documents_only,
                 "refuse every other document");
  serve.add_flag("--suggestions,!--no-suggestions", config.suggestions,
                 "\"Did you mean\" in errors; on by default");
  serve.add_flag("--playground,!--no-playground", config.playground,
                 "the editor at /playground; on by default");
}

}  // namespace

void add_serve(CLI::App& app, Context& context) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App& serve = add_command(
      app, context.texts,
      {.name = "serve",
       .summary = "Serves the API until SIGTERM.",
       .example = "matricula serve --store sqlite:matricula.db --listen 127.0.0.1:8080\n"
                  "matricula serve --demo --store sqlite:demo.db",
       .shared = {.store = true, .keys = true}});
  add_place(serve, *options);
  add_callers(serve, *options);
  add_log(serve, *options);
  add_connections(serve, *options);
  add_requests(serve, *options);
  serve.callback(
      [&context, options] { conclude(context, [&] { return run(context, *options); }); });
}

}  // namespace matricula::cli
