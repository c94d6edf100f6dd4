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
  // Its short workers are for token exchange, revocation and the portal alone; of several, one is
  // always left to what writes nothing. The pipeline sets `write_wait_max`, to `request_timeout`,
  // and `yields`.
  WorkerPoolOptions pool = {};
  // Requests in any 60 seconds for an identity; 0 is off.
  std::uint32_t rate_limit = ratelimit::LimiterOptions().limit;
  // Of all identities of a company together; 0 is off. See CompanyCeiling.
  std::uint32_t company_rate_limit = 1'000;
  bool rate_limit_fields = false;  // also those of the IETF's draft
  std::chrono::milliseconds request_timeout{10'000};
  graphql::ParseLimits parse = {};
  graphql::ValidationOptions validation = {};
  execution::ExecutionLimits execution = {};
  PlanCacheLimits plans = {};
  std::uint64_t read_model_bytes = 0;               // of lists that are kept in memory; 0: none are
  std::vector<std::string> trusted_documents = {};  // files, see TrustedDocuments
  bool trusted_documents_only = false;
};

}  // namespace matricula::pipeline
