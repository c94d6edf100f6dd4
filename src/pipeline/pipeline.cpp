#include "pipeline/pipeline.h"

#include <algorithm>
#include <sodium.h>

#include "gate/admit.h"
#include "pipeline/call.h"
#include "pipeline/plan_weight.h"
#include "pipeline/protocol.h"

namespace matricula::pipeline {

namespace {

using MaybeResponse = std::optional<http::Response>;

ratelimit::LimiterOptions limiter_options(std::uint32_t limit) {
  ratelimit::LimiterOptions options{.limit = limit};
  randombytes_buf(options.seed.data(), options.seed.size());
  return options;
}

// A ceiling below the limit of a single identity would make that limit a lie.
std::uint32_t ceiling_of(const PipelineOptions& options) {
  return options.rate_limit == 0 || options.company_rate_limit == 0
             ? 0
             : std::max(options.rate_limit, options.company_rate_limit);
}

WorkerPoolOptions pool_options(const PipelineOptions& options) {
  return {.workers = options.workers,
          .short_workers = options.short_workers,
          .queue_max = options.worker_queue_max,
          .queue_of_tenant_max = options.worker_queue_of_tenant_max,
          .wait_max = options.queue_timeout};
}

// Of what is not cached, parsing and checking takes some 2 us for each token; of a body or a query
// string of this size at most 5 ms in all. Longer ones are for workers.
constexpr std::size_t kLoopTextBytesMax = 4 * 1024;
// What running a plan may take of a loop, in time and in bytes of its answer.
constexpr std::chrono::milliseconds kLoopSlice{5};
constexpr std::size_t kLoopAnswerBytesMax = 256 * 1024;

// What is asked for at endpoints of people is soon done, and what they wait for most: a token.
JobKind kind_of(const Endpoint& endpoint) {
  return endpoint.definition.access == domains::Access::kUser ? JobKind::kShort : JobKind::kLong;
}

bool is_write(const planning::Plan& plan) {
  return plan.operation->operation == graphql::OperationType::kMutation;
}

// Of a request that has not been read: who brings nothing to such an endpoint wants a token.
bool is_token_exchange(const http::Request& request) {
  return request.method == http::Method::kPost && !request.header("Authorization") &&
         !request.header("Cookie");
}

}  // namespace

Pipeline::Pipeline(const PipelineDependencies& dependencies, const PipelineOptions& options)
    : dependencies_(dependencies),
      options_(options),
      limiter_(limiter_options(options.rate_limit), dependencies.database, dependencies.clock),
      ceiling_(ceiling_of(options)),
      gate_{.limits = limiter_,
            .ceiling = ceiling_,
            .refusals = dependencies.refusals,
            .refused_tokens = refused_tokens_,
            .clock = dependencies.clock,
            .logger = dependencies.logger,
            .ietf_fields = options.rate_limit_fields} {}

Pipeline::~Pipeline() = default;

Result<std::unique_ptr<Pipeline>> Pipeline::open(const PipelineDependencies& dependencies,
                                                 const PipelineOptions& options) {
  std::unique_ptr<Pipeline> pipeline(new Pipeline(dependencies, options));
  MATRICULA_TRY(pipeline->endpoints_, make_endpoints());
  MATRICULA_CHECK(pipeline->reload_trusted_documents());
  pipeline->metrics_ = std::vector<EndpointMetrics>(options.loops * pipeline->endpoints_.size());
  const unsigned loop_lanes = dependencies.database.is_shared() ? 0 : options.loops;
  const LaneParts parts{.database = dependencies.database,
                        .secrets = dependencies.secrets,
                        .clock = dependencies.clock,
                        .counts = pipeline->counts_,
                        .outside = dependencies.outside,
                        .answers = dependencies.answers,
                        .read_model = pipeline->open_read_model()};
  const WorkerPoolOptions workers = pool_options(options);
  for (unsigned i = 0; i < loop_lanes + WorkerPool::threads_of(workers); ++i) {
    MATRICULA_TRY(auto lane, Lane::open(parts, options.execution, options.plans));
    (i < loop_lanes ? pipeline->loop_lanes_ : pipeline->worker_lanes_).push_back(std::move(lane));
  }
  pipeline->workers_ = std::make_unique<WorkerPool>(
      workers, pipeline->threads_clock_,
      [raw = pipeline.get()](unsigned worker, Jobs jobs, const WorkerPool::Requeue& requeue) {
        raw->answer_together(worker, std::move(jobs), requeue);
      });
  return pipeline;
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
  read_model_ = std::make_unique<readmodel::ReadModel>(
      dependencies_.database, relations,
      readmodel::ReadModelOptions{.bytes_max = options_.read_model_bytes});
  return read_model_.get();
}

// Whether all that the request reads is in memory, as new as it is in the store.
bool Pipeline::is_in_memory(Call& call) {
  readmodel::ModelListReader* const reader = call.lane->model_reader;
  return reader != nullptr &&
         std::ranges::all_of(call.plan->roots, [&](const planning::RootEntry& root) {
           const auto* connection = std::get_if<planning::ConnectionPlan>(&root.work);
           return connection != nullptr &&
                  reader->is_ready(connection->root->relation, call.company);
         });
}

const Endpoint* Pipeline::endpoint_at(std::string_view path) const {
  for (const auto& endpoint : endpoints_) {
    if (endpoint->path == path) {
      return endpoint.get();
    }
  }
  return nullptr;
}

// What is left to do for a caller who is known, on a worker.
class Pipeline::RunJob final : public Job {
 public:
  RunJob(const Placement& placement, Pipeline& pipeline, std::unique_ptr<Call> call)
      : Job(placement), pipeline_(pipeline), call_(std::move(call)) {}
  void run(unsigned worker) override {
    http::Response response = pipeline_.finish(*call_, *pipeline_.worker_lanes_[worker]);
    pipeline_.answer(std::move(call_), std::move(response));
  }
  bool is_wanted() const override { return !call_->request.is_client_gone(); }
  void expire() override { pipeline_.answer_busy(std::move(call_)); }

 private:
  Pipeline& pipeline_;
  std::unique_ptr<Call> call_;
};

void Pipeline::handle(const Endpoint& endpoint, const http::Request& request,
                      http::Responder responder) {
  auto call = std::make_unique<Call>(endpoint, request, std::move(responder));
  call->began = dependencies_.clock.monotonic();
  if (auto refused = check_protocol(request, call->media)) {
    answer(std::move(call), std::move(*refused));
    return;
  }
  if (auto refusal = gate::refuse_early(gate_, attempt_of(*call))) {
    call->admission = refusal->charged;
    answer(std::move(call), std::move(refusal->response));
    return;
  }
  if (dependencies_.database.is_shared()) {
    submit_shared(std::move(call));
    return;
  }
  call->lane = loop_lanes_[request.loop].get();
  MaybeResponse response = identify(*call);
  if (!response && request.body.size() + request.query.size() <= kLoopTextBytesMax) {
    response = answer_on_loop(*call);
  }
  if (response) {
    answer(std::move(call), std::move(*response));
    return;
  }
  const Placement placement = place(*call);
  if (auto full = workers_->submit(std::make_unique<RunJob>(placement, *this, std::move(call)))) {
    full->expire();
  }
}

// Nothing where that would hold up the loop, and a worker is to finish it.
MaybeResponse Pipeline::answer_on_loop(Call& call) {
  MaybeResponse refused = understand(call);
  if (!refused) {
    refused = permit(call);
  }
  if (refused) {
    return refused;
  }
  const bool is_light =
      !is_heavy(*call.plan, call.variables, Lists::kInTables) ||
      (is_in_memory(call) && !is_heavy(*call.plan, call.variables, Lists::kInMemory));
  return is_light ? run_slice(call) : std::nullopt;
}

// Runs a plan that should be light, as long as it is: a page can have few values and many bytes.
MaybeResponse Pipeline::run_slice(Call& call) {
  execution::AnswerBounds bounds = bounds_of(call);
  bounds.deadline = std::min(bounds.deadline, dependencies_.clock.monotonic() + kLoopSlice);
  bounds.bytes_max = kLoopAnswerBytesMax;
  bounds.room_wait = {};
  execution::ExecutionOutcome outcome = execute(call, *call.lane, bounds);
  const bool may_be_for_the_slice = outcome.failed && (outcome.code == ErrorCode::kTimeout ||
                                                       outcome.code == ErrorCode::kLimitExceeded ||
                                                       outcome.code == ErrorCode::kUnavailable);
  if (may_be_for_the_slice && dependencies_.clock.monotonic() < deadline_of(call)) {
    return std::nullopt;
  }
  return reply(call, std::move(outcome));
}

// On a worker, what the loop left to do. A plan says that all before running it was done there.
http::Response Pipeline::finish(Call& call, Lane& lane) {
  call.lane = &lane;
  if (call.plan == nullptr) {
    MaybeResponse refused = understand(call);
    if (!refused) {
      refused = permit(call);
    }
    if (refused) {
      return std::move(*refused);
    }
  }
  return run(call, lane);
}

// Whose turn a request is whose caller is known.
Placement Pipeline::place(const Call& call) const {
  const JobKind kind = kind_of(call.endpoint);
  const bool writes = kind == JobKind::kShort && (call.plan == nullptr || is_write(*call.plan));
  return {.tenant = tenant_of(*call.principal, call.request),
          .kind = writes ? JobKind::kWrite : kind};
}

// The same before the store was asked who the caller is.
Placement Pipeline::place_unidentified(const Call& call) const {
  const auto met = met_.find(call.request);
  JobKind kind = kind_of(call.endpoint);
  if (kind == JobKind::kShort && is_token_exchange(call.request)) {
    kind = JobKind::kWrite;
  }
  if (!met && kind == JobKind::kLong) {
    return {.tenant = tenant_of_address(call.request.remote_address), .kind = JobKind::kUnknown};
  }
  return {.tenant = met ? *met : tenant_of_address(call.request.remote_address),
          .kind = kind,
          .together = Together::kBatchable};
}

// What the client wants, whoever it is.
MaybeResponse Pipeline::understand(Call& call) {
  MaybeResponse refused = decode(call);
  return refused ? std::move(refused) : prepare(call);
}

// Whether this caller may, and with which values.
MaybeResponse Pipeline::permit(Call& call) {
  MaybeResponse refused = authorize(call);
  return refused ? std::move(refused) : bind(call);
}

std::chrono::nanoseconds Pipeline::deadline_of(const Call& call) const {
  return call.began + options_.request_timeout;
}

void Pipeline::answer_busy(std::unique_ptr<Call> call) {
  http::Response response = gate::busy_reply(content_type(call->media));
  answer(std::move(call), std::move(response));
}

EndpointMetrics& Pipeline::metrics_of(const Call& call) {
  return metrics_[call.request.loop * endpoints_.size() + call.endpoint.index];
}

void Pipeline::answer(std::unique_ptr<Call> call, http::Response response) {
  // What needed no caller, or was refused before one was identified, has not been charged yet.
  if (call->stranger && call->admission.limit == 0) {
    gate::Refusal charged = gate::charge_address(gate_, call->request, std::move(response));
    response = std::move(charged.response);
    call->admission = charged.charged;
  }
  gate::add_rate_headers(response, call->admission, options_.rate_limit_fields);
  metrics_of(*call).observe(response.status, dependencies_.clock.monotonic() - call->began);
  response.identity = call->principal ? auth::log_name(*call->principal) : std::string();
  http::Responder responder = std::move(call->responder);
  call.reset();
  responder.send(std::move(response));
}

Result<void> Pipeline::reload_trusted_documents() {
  MATRICULA_TRY(TrustedDocuments documents,
                TrustedDocuments::load(options_.trusted_documents, options_.trusted_documents_only,
                                       endpoints_, options_.parse, options_.validation));
  documents_.set(std::make_shared<const TrustedDocuments>(std::move(documents)));
  return {};
}

Result<void> Pipeline::flush_uses() {
  MATRICULA_CHECK(limiter_.sweep());
  std::vector<auth::UseCounter*> counters;
  counters.reserve(loop_lanes_.size() + worker_lanes_.size());
  for (const auto* lanes : {&loop_lanes_, &worker_lanes_}) {
    for (const auto& lane : *lanes) {
      counters.push_back(&lane->uses);
    }
  }
  return auth::UseCounter::flush_all(counters, dependencies_.database);
}

}  // namespace matricula::pipeline
