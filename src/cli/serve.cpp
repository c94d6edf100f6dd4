#include "server/serve.h"

#include "cli/context.h"

namespace matricula::cli {
namespace {

struct ServeOptions {
  server::Config config;
  std::string cert;
  std::string key;
  std::string log_level = "info";
  std::int64_t idle_ms = 75'000;
  std::int64_t head_ms = 10'000;
  std::int64_t body_ms = 30'000;
  std::int64_t request_ms = 10'000;
};

LogLevel level_of(const std::string& name) {
  return name == "debug"     ? LogLevel::kDebug
         : name == "info"    ? LogLevel::kInfo
         : name == "warning" ? LogLevel::kWarning
                             : LogLevel::kError;
}

Result<int> run(Context& context, ServeOptions& options) {
  server::Config& config = options.config;
  config.store = context.store;
  config.key_file = context.key_file;
  config.log_level = level_of(options.log_level);
  if (!options.cert.empty()) {
    config.tls_cert = options.cert;
  }
  if (!options.key.empty()) {
    config.tls_key = options.key;
  }
  config.idle_timeout = std::chrono::milliseconds(options.idle_ms);
  config.head_timeout = std::chrono::milliseconds(options.head_ms);
  config.body_timeout = std::chrono::milliseconds(options.body_ms);
  config.request_timeout = std::chrono::milliseconds(options.request_ms);
  MATRICULA_CHECK(server::serve(config, context.clock));
  return 0;
}

}  // namespace

void add_serve(CLI::App& app, Context& context) {
  auto options = std::make_shared<ServeOptions>();
  server::Config& config = options->config;
  CLI::App& serve = *app.add_subcommand("serve", "serve the API until SIGTERM");
  add_setting(serve, "--listen", config.listen, "ADDRESS:PORT; port 0 picks one");
  serve.add_flag("--demo", config.demo, "fill an empty store with a synthetic company");
  add_setting(serve, "--threads", config.threads, "event loops; 0: one a core");
  add_setting(serve, "--workers", config.workers, "threads for slow work; 0: as many as loops");
  add_setting(serve, "--rate-limit", config.rate_limit, "requests in 60 seconds; 0: no limit");
  add_setting(serve, "--tls-cert", options->cert, "certificate chain (PEM)");
  add_setting(serve, "--tls-key", options->key, "private key (PEM)");
  add_setting(serve, "--log-level", options->log_level, "debug, info, warning or error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
  add_setting(serve, "--body-bytes", config.body_bytes_max, "largest request body");
  add_setting(serve, "--head-bytes", config.head_bytes_max, "largest request head");
  add_setting(serve, "--connections", config.connections_max, "most open connections");
  add_setting(serve, "--idle-timeout-ms", options->idle_ms, "idle connections close after it");
  add_setting(serve, "--head-timeout-ms", options->head_ms, "time for a request's head");
  add_setting(serve, "--body-timeout-ms", options->body_ms, "time for a request's body");
  add_setting(serve, "--request-timeout-ms", options->request_ms, "time for an answer");
  add_setting(serve, "--document-tokens", config.document_tokens, "tokens of a document");
  add_setting(serve, "--selection-depth", config.selection_depth, "depth of selections");
  add_setting(serve, "--nesting", config.nesting, "nesting of any kind");
  add_setting(serve, "--aliases", config.aliases, "aliases of a document");
  add_setting(serve, "--root-fields", config.root_fields, "root fields of an operation");
  add_setting(serve, "--response-bytes", config.response_bytes_max, "largest answer");
  add_setting(serve, "--plan-cache-entries", config.plan_cache_entries, "plans kept by a thread");
  add_setting(serve, "--plan-cache-bytes", config.plan_cache_bytes, "memory for plans, a thread");
  add_setting(serve, "--page-cache-bytes", config.page_cache_bytes, "store cache, a session");
  serve.add_flag("--suggestions,!--no-suggestions", config.suggestions,
                 "\"Did you mean\" in errors");
  serve.add_flag("--access-log,!--no-access-log", config.access_log, "one log line a request");
  serve.callback(
      [&context, options] { conclude(context, [&] { return run(context, *options); }); });
}

}  // namespace matricula::cli
