#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "auth/access/token_service.h"
#include "auth/issuer/outside_issuer.h"
#include "base/queued_log.h"
#include "http/server.h"
#include "pipeline/pipeline.h"
#include "storage/database.h"

namespace matricula::server {

inline constexpr std::int64_t kAuditDaysMax = 36'500;

// The defaults of the modules below; each default is stated there alone.
inline const http::ServerConfig kHttpDefaults = {};
inline const pipeline::PipelineOptions kPipelineDefaults = {};

// The settings of `matricula serve` and their defaults.
struct Config {
  std::string listen = "127.0.0.1:8080";  // ADDRESS:PORT or [IPV6]:PORT; port 0 picks one
  std::string store = "sqlite:matricula.db";
  std::string key_file = {};                     // empty: the store's path with "-keys"
  std::chrono::milliseconds store_wait{30'000};  // for a PostgreSQL server that is not there yet
  bool allow_privileged_role = false;  // a PostgreSQL role that row-level security does not hold
  bool demo = false;
  std::string program = "matricula";  // how it was called, for examples
  unsigned threads = 0;               // event loops; 0: processor_count()
  unsigned workers = 0;               // 0: two for each event loop
  // Requests in 60 seconds for an identity; 0 is off.
  std::uint32_t rate_limit = kPipelineDefaults.rate_limit;
  bool rate_limit_fields = kPipelineDefaults.rate_limit_fields;  // also those of the IETF's draft
  // Data requests in 60 seconds of all identities of a company; at least rate_limit; 0 is off.
  std::uint32_t company_rate_limit = kPipelineDefaults.company_rate_limit;
  auth::TokenLimits tokens = {};
  std::int64_t audit_days = 400;  // how long lines of the audit trail are kept; 0: forever
  std::vector<std::string> trusted_proxies = {};  // networks whose X-Forwarded-For is believed
  std::string jwks = {};                          // a file or a URL; empty: no outside issuer
  std::string jwt_issuer = {};                    // what `iss` of its JWTs must be
  std::string jwt_audience = {};                  // what `aud` must be or contain
  bool jwt_email_verified = false;                // whether `email_verified` must be in its JWTs
  // How long its JWTs are accepted at most.
  std::int64_t jwt_lifetime_s = auth::kJwtLifetimeMax / kMicrosPerSecond;
  std::vector<std::string> cors_origins = {};  // web origins whose scripts may read the API
  std::string metrics_listen = {};             // as `listen`; not empty: /metrics is there alone
  std::optional<std::string> tls_cert = {};
  std::optional<std::string> tls_key = {};
  LogLevel log_level = LogLevel::kInfo;
  std::size_t log_queue_bytes = QueuedLogger::kQueueBytes;  // of lines that wait for their reader
  bool access_log = true;
  bool playground = true;  // whether /playground is there

  std::size_t body_bytes_max = kHttpDefaults.body_bytes_max;
  std::size_t head_bytes_max = kHttpDefaults.head_bytes_max;
  std::size_t connections_max = kHttpDefaults.connections_max;
  std::size_t connections_per_address_max =
      kHttpDefaults.connections_per_address_max;  // 0: three quarters of all
  std::chrono::milliseconds idle_timeout = kHttpDefaults.idle_timeout;
  std::chrono::milliseconds head_timeout = kHttpDefaults.head_timeout;
  std::chrono::milliseconds body_timeout = kHttpDefaults.body_timeout;
  std::chrono::milliseconds request_timeout = kPipelineDefaults.request_timeout;
  std::chrono::milliseconds drain_timeout{25'000};

  std::size_t document_tokens = kPipelineDefaults.parse.tokens;
  std::size_t selection_depth = kPipelineDefaults.parse.selection_depth;
  std::size_t nesting = kPipelineDefaults.parse.nesting;
  std::size_t aliases = kPipelineDefaults.parse.aliases;
  std::size_t root_fields = kPipelineDefaults.parse.root_fields;
  std::size_t mutations = kPipelineDefaults.validation.mutations;  // of a request
  std::size_t merge_comparisons = kPipelineDefaults.validation.merge_comparisons;
  std::size_t fragment_expansions = kPipelineDefaults.validation.fragment_expansions;
  bool suggestions = kPipelineDefaults.validation.suggestions;
  std::vector<std::string> trusted_documents = {};  // files of ids and documents
  bool trusted_documents_only = false;
  std::size_t filter_values_max = kPipelineDefaults.execution.filter_values_max;
  std::size_t response_bytes_max = kPipelineDefaults.execution.response_bytes_max;
  std::uint64_t request_memory_bytes = kHttpDefaults.body_memory_max;  // of large request bodies
  std::uint64_t response_memory_bytes = 256 * 1024 * 1024;             // of all answers under way
  std::uint64_t spool_bytes = std::uint64_t{4} * 1024 * 1024 * 1024;
  std::string spool_directory = {};    // empty: TMPDIR, else /var/tmp, else /tmp
  std::uint32_t tombstones_days = 90;  // how long deletes are kept for followers; 0: not at all
  // The budget of the read model; 0: no lists are kept in memory, nullopt: a quarter of the memory.
  std::optional<std::uint64_t> read_model_bytes = std::nullopt;
  std::size_t plan_cache_entries = kPipelineDefaults.plans.entries;
  std::size_t plan_cache_bytes = kPipelineDefaults.plans.bytes;
  std::int64_t page_cache_bytes =
      storage::OpenOptions().page_cache_bytes;  // for each session of the store
};

}  // namespace matricula::server
