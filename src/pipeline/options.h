#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "execution/limits.h"
#include "graphql/language/parser.h"
#include "graphql/validation/validate.h"
#include "pipeline/plan_cache.h"
#include "pipeline/worker_pool.h"
#include "ratelimit/limiter.h"

namespace matricula::pipeline {

struct PipelineOptions {
  unsigned loops = 1;
  unsigned workers = WorkerPoolOptions().workers;
  // More of them, for token exchange, revocation and the portal alone. Of several, one is always
  // left to what writes nothing.
  unsigned short_workers = WorkerPoolOptions().short_workers;
  // Requests that wait, of each kind; of them, those of one company.
  std::size_t worker_queue_max = WorkerPoolOptions().queue_max;
  std::size_t worker_queue_of_tenant_max = WorkerPoolOptions().queue_of_tenant_max;
  // Requests in any 60 seconds for an identity; 0 is off.
  std::uint32_t rate_limit = ratelimit::LimiterOptions().limit;
  // Of all identities of a company together; 0 is off. See CompanyCeiling.
  std::uint32_t company_rate_limit = 1'000;
  bool rate_limit_fields = false;  // also those of the IETF's draft
  std::chrono::milliseconds request_timeout{10'000};
  // How long a request may wait for a worker; then 503. One that writes may wait as long as the
  // request may take.
  std::chrono::milliseconds queue_timeout = WorkerPoolOptions().wait_max;
  graphql::ParseLimits parse = {};
  graphql::ValidationOptions validation = {};
  execution::ExecutionLimits execution = {};
  PlanCacheLimits plans = {};
  std::uint64_t read_model_bytes = 0;               // of lists that are kept in memory; 0: none are
  std::vector<std::string> trusted_documents = {};  // files, see TrustedDocuments
  bool trusted_documents_only = false;
};

}  // namespace matricula::pipeline
