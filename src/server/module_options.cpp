#include "server/module_options.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "auth/issuer/fetch.h"
#include "base/memory_size.h"
#include "base/network.h"
#include "base/processor_count.h"
#include "http/field_text.h"
#include "server/routes.h"
#include "server/store.h"

namespace matricula::server {
namespace {

// More workers than cores, so that one tenant, who gets three quarters of them, can use all cores
// and others still find a free worker. Over a network workers mostly wait; more of them would make
// smaller batches.
constexpr unsigned kWorkersPerLoop = 2;

// By default the read model may use one part in so many of the memory.
constexpr std::uint64_t kReadModelShare = 4;

unsigned loops_of(const Config& config) {
  return config.threads != 0 ? config.threads : processor_count();
}

// The scheme of a URL that keys cannot be fetched by; empty for others and for a file.
std::string_view wrong_scheme(std::string_view place) {
  const std::size_t end = place.find("://");
  const std::string_view scheme = place.substr(0, end == std::string_view::npos ? 0 : end);
  const bool is_name = std::ranges::all_of(scheme, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+';
  });
  return is_name && !auth::is_url(place) ? scheme : std::string_view();
}

// The option that says something of a provider's JWTs; empty for none. A default says nothing.
std::string_view option_of_jwts(const Config& config) {
  return !config.jwt_issuer.empty()                         ? "--jwt-issuer"
         : !config.jwt_audience.empty()                     ? "--jwt-audience"
         : config.jwt_email_verified                        ? "--jwt-email-verified"
         : config.jwt_lifetime_s != Config().jwt_lifetime_s ? "--jwt-lifetime-s"
                                                            : "";
}

Result<void> check_issuer(const Config& config) {
  const std::string_view option = option_of_jwts(config);
  if (config.jwks.empty() && !option.empty()) {
    return fail(ErrorCode::kUsage,
                fmt::format("{} needs the keys of the identity provider; give --jwks", option));
  }
  if (!config.jwks.empty() && (config.jwt_issuer.empty() || config.jwt_audience.empty())) {
    return fail(ErrorCode::kUsage,
                "--jwks needs the issuer and the audience of its JWTs; give --jwt-issuer and "
                "--jwt-audience");
  }
  if (const std::string_view scheme = wrong_scheme(config.jwks); !scheme.empty()) {
    return fail(ErrorCode::kUsage,
                fmt::format("--jwks {}://: a URL begins with http:// or https://", scheme));
  }
  return {};
}

}  // namespace

Result<void> check_combinations(const Config& config) {
  if (config.tls_cert.has_value() != config.tls_key.has_value()) {
    return fail(ErrorCode::kUsage, "--tls-cert and --tls-key belong together; give both");
  }
  if (config.trusted_documents_only && config.trusted_documents.empty()) {
    return fail(ErrorCode::kUsage,
                "--trusted-documents-only needs the documents; give --trusted-documents FILE");
  }
  return check_issuer(config);
}

std::size_t threads_max(const Config& config) {
  const pipeline::PipelineOptions options = pipeline_options(config);
  // The threads beside loops and workers: logging, sweeping, probing, timers, making files.
  constexpr std::size_t kOthers = 32;
  return 2 * std::size_t{options.loops} + options.pool.workers + kOthers;
}

pipeline::PipelineOptions pipeline_options(const Config& config) {
  pipeline::PipelineOptions options;
  options.loops = loops_of(config);
  options.pool.workers = config.workers != 0 ? config.workers : kWorkersPerLoop * options.loops;
  options.rate_limit = config.rate_limit;
  options.company_rate_limit = config.company_rate_limit;
  options.rate_limit_fields = config.rate_limit_fields;
  options.request_timeout = config.request_timeout;
  options.parse = {.tokens = config.document_tokens,
                   .selection_depth = config.selection_depth,
                   .nesting = config.nesting,
                   .aliases = config.aliases,
                   .root_fields = config.root_fields};
  options.validation = {.merge_comparisons = config.merge_comparisons,
                        .fragment_expansions = config.fragment_expansions,
                        .suggestions = config.suggestions,
                        .selection_depth = config.selection_depth,
                        .aliases = config.aliases,
                        .root_fields = config.root_fields,
                        .mutations = config.mutations};
  options.trusted_documents = config.trusted_documents;
  options.trusted_documents_only = config.trusted_documents_only;
  options.execution.filter_values_max = config.filter_values_max;
  options.execution.response_bytes_max = config.response_bytes_max;
  options.read_model_bytes = config.read_model_bytes.value_or(memory_size() / kReadModelShare);
  options.plans = {.entries = config.plan_cache_entries, .bytes = config.plan_cache_bytes};
  return options;
}

http::ServerConfig http_config(const Config& config, const ListenAddress& address,
                               std::vector<Network> proxies,
                               const execution::AnswerPlaces& answers) {
  http::ServerConfig http;
  http.memory = answers.memory;
  http.spool = answers.spool;
  http.address = address.host;
  http.port = address.port;
  http.loops = loops_of(config);
  if (config.tls_cert && config.tls_key) {
    http.tls = http::TlsFiles{*config.tls_cert, *config.tls_key};
  }
  http.trusted_proxies = std::move(proxies);
  http.body_bytes_max = config.body_bytes_max;
  http.head_bytes_max = config.head_bytes_max;
  http.connections_max = config.connections_max;
  http.body_memory_max = config.request_memory_bytes;
  http.connections_per_address_max = config.connections_per_address_max;
  http.idle_timeout = config.idle_timeout;
  http.head_timeout = config.head_timeout;
  http.body_timeout = config.body_timeout;
  http.access_log = config.access_log;
  http.known_paths = logged_paths();
  return http;
}

Result<std::vector<Network>> trusted_proxies(const Config& config) {
  std::vector<Network> networks;
  for (const std::string& text : config.trusted_proxies) {
    const auto network = parse_network(http::without_blanks(text));
    if (!network) {
      const auto meant = nearest_network(http::without_blanks(text));
      return fail(
          ErrorCode::kUsage,
          meant ? fmt::format("--trusted-proxy {}: has bits behind its prefix; write {}", text,
                              *meant)
                : fmt::format("--trusted-proxy {}: not a network such as 10.0.0.0/8 or ::1", text));
    }
    networks.push_back(*network);
  }
  return networks;
}

}  // namespace matricula::server
