#include "pipeline/pipeline.h"

#include <algorithm>

#include "gate/identify.h"
#include "pipeline/embedded_driver.h"
#include "pipeline/protocol.h"
#include "pipeline/shared_driver.h"

namespace matricula::pipeline {

namespace {

// One part in so many of the read model's memory is for the columns of lists that are read whole.
constexpr std::uint64_t kColumnsShare = 8;

// At least the limit of one identity, which could never be reached otherwise.
std::uint32_t ceiling_of(const PipelineOptions& options) {
  return options.rate_limit == 0 || options.company_rate_limit == 0
             ? 0
             : std::max(options.rate_limit, options.company_rate_limit);
}

// Over an embedded store loops answer the light requests, so workers yield to them.
WorkerPoolOptions pool_options(const PipelineOptions& options, bool is_shared) {
  WorkerPoolOptions pool = options.pool;
  pool.write_wait_max = options.request_timeout;
  pool.yields = !is_shared;
  return pool;
}

}  // namespace

Pipeline::Pipeline(const PipelineDependencies& dependencies, const PipelineOptions& options,
                   std::vector<std::unique_ptr<const Endpoint>> endpoints)
    : dependencies_(dependencies),
      options_(options),
      endpoints_(std::move(endpoints)),
      metrics_(options.loops, endpoints_.size()),
      limiter_(auth::seeded_limits(options.rate_limit), dependencies.database, dependencies.clock),
      ceiling_(ceiling_of(options)),
      gate_{.limits = limiter_,
            .ceiling = ceiling_,
            .refusals = dependencies.refusals,
            .refused_tokens = refused_tokens_,
            .clock = dependencies.clock,
            .logger = dependencies.logger,
            .ietf_fields = options.rate_limit_fields},
      service_{.options = options_,
               .gate = gate_,
               .domains = dependencies.services,
               .answers = dependencies_.answers,
               .documents = documents_,
               .metrics = metrics_} {}

Pipeline::~Pipeline() = default;

Result<std::unique_ptr<Pipeline>> Pipeline::open(const PipelineDependencies& dependencies,
                                                 const PipelineOptions& options) {
  MATRICULA_TRY(auto endpoints, make_endpoints());
  std::unique_ptr<Pipeline> pipeline(new Pipeline(dependencies, options, std::move(endpoints)));
  MATRICULA_CHECK(pipeline->reload_trusted_documents());
  const bool is_shared = dependencies.database.is_shared();
  const WorkerPoolOptions workers = pool_options(options, is_shared);
  MATRICULA_CHECK(
      pipeline->open_lanes(is_shared ? 0 : options.loops, WorkerPool::threads_of(workers)));
  if (is_shared) {
    pipeline->driver_ =
        std::make_unique<SharedDriver>(pipeline->service_, pipeline->lanes_, workers);
  } else {
    pipeline->driver_ =
        std::make_unique<EmbeddedDriver>(pipeline->service_, pipeline->lanes_, workers);
  }
  return pipeline;
}

Result<void> Pipeline::open_lanes(unsigned loops, unsigned workers) {
  const LaneParts parts{.database = dependencies_.database,
                        .secrets = dependencies_.secrets,
                        .clock = dependencies_.clock,
                        .counts = counts_,
                        .outside = dependencies_.outside,
                        .answers = dependencies_.answers,
                        .read_model = open_read_model(),
                        .columns = columns_ ? &*columns_ : nullptr};
  for (unsigned i = 0; i < loops + workers; ++i) {
    MATRICULA_TRY(auto lane, Lane::open(parts, options_.execution, options_.plans));
    (i < loops ? lanes_.loops : lanes_.workers).push_back(std::move(lane));
  }
  return {};
}

// Null where it is off.
readmodel::ReadModel* Pipeline::open_read_model() {
  if (options_.read_model_bytes == 0) {
    return nullptr;
  }
  std::vector<const sql::Relation*> relations;
  for (const auto& endpoint : endpoints_) {
    for (const planning::Root& root : endpoint->definition.mapping.roots) {
      if (const auto* connection = std::get_if<planning::ConnectionRoot>(&root)) {
        relations.push_back(&connection->relation);
      }
    }
  }
  columns_.emplace(options_.read_model_bytes / kColumnsShare);
  read_model_ = std::make_unique<readmodel::ReadModel>(
      dependencies_.database, relations,
      options_.read_model_bytes - options_.read_model_bytes / kColumnsShare);
  return read_model_.get();
}

const Endpoint* Pipeline::endpoint_at(std::string_view path) const {
  for (const auto& endpoint : endpoints_) {
    if (endpoint->path == path) {
      return endpoint.get();
    }
  }
  return nullptr;
}

void Pipeline::handle(const Endpoint& endpoint, const http::Request& request,
                      http::Responder responder) {
  const auto began = dependencies_.clock.monotonic();
  auto media = check_protocol(request);
  Pending pending{.request = {.endpoint = endpoint,
                              .http = request,
                              .media = media ? *media : MediaType::kJson},
                  .responder = std::move(responder),
                  .began = began};
  if (!media) {
    refuse(service_, std::move(pending), std::move(media.error()));
    return;
  }
  if (auto refusal = gate::refuse_early(gate_, attempt_of(pending.request))) {
    refuse(service_, std::move(pending), std::move(*refusal));
    return;
  }
  driver_->handle(std::move(pending));
}

Result<void> Pipeline::reload_trusted_documents() {
  MATRICULA_TRY(
      TrustedDocuments documents,
      TrustedDocuments::load(
          options_.trusted_documents, options_.trusted_documents_only,
          {.endpoints = endpoints_, .parse = options_.parse, .validation = options_.validation}));
  documents_.set(std::make_shared<const TrustedDocuments>(std::move(documents)));
  return {};
}

Result<void> Pipeline::flush_uses(std::chrono::nanoseconds wait_until) {
  std::vector<auth::UseCounter*> counters;
  counters.reserve(lanes_.loops.size() + lanes_.workers.size());
  for (const auto* lanes : {&lanes_.loops, &lanes_.workers}) {
    for (const auto& lane : *lanes) {
      counters.push_back(&lane->uses);
    }
  }
  Result<void> written = auth::UseCounter::flush_all(counters, dependencies_.database, wait_until);
  Result<void> swept = limiter_.sweep();
  return written ? std::move(swept) : std::move(written);
}

}  // namespace matricula::pipeline
