#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "auth/secrets/secrets.h"
#include "base/clock.h"
#include "base/log.h"
#include "domains/domains.h"
#include "gate/gate.h"
#include "gate/identify.h"
#include "graphql/language/parser.h"
#include "graphql/validation/validate.h"
#include "http/message.h"
#include "pipeline/endpoint.h"
#include "pipeline/lane.h"
#include "pipeline/metrics.h"
#include "pipeline/replies.h"
#include "pipeline/tenants.h"
#include "pipeline/trusted_documents.h"
#include "pipeline/worker_pool.h"
#include "readmodel/read_model.h"

namespace matricula::pipeline {

struct PipelineOptions {
  unsigned loops = 1;
  unsigned workers = 2;
  unsigned short_workers = 1;  // more of them, for token exchange, revocation and the portal alone
  std::size_t worker_queue_max = 1'024;          // requests that wait, of each kind
  std::size_t worker_queue_of_tenant_max = 256;  // of them, those of one company
  std::uint32_t rate_limit = 100;  // requests in any 60 seconds for an identity; 0 is off
  // Of all identities of a company together; 0 is off. See CompanyCeiling.
  std::uint32_t company_rate_limit = 1'000;
  bool rate_limit_fields = false;  // also those of the IETF's draft
  std::chrono::milliseconds request_timeout{10'000};
  // How long a request may wait for a worker; then 503.
  std::chrono::milliseconds queue_timeout{2'000};
  graphql::ParseLimits parse = {};
  graphql::ValidationOptions validation = {};
  execution::ExecutionLimits execution = {};
  PlanCacheLimits plans = {};
  std::uint64_t read_model_bytes = 0;  // of lists that are kept in memory; 0: none are
  std::vector<std::string> trusted_documents = {};  // files, see TrustedDocuments
  bool trusted_documents_only = false;
};

// What the pipeline stands on; everything outlives it.
struct PipelineDependencies {
  storage::Database& database;
  const auth::Secrets& secrets;
  auth::Refusals& refusals;
  domains::Services& services;
  const Clock& clock;
  Logger& logger;
  const auth::JwksSource* outside = nullptr;  // whose JWTs count as logins
  execution::AnswerPlaces answers = {};       // where the bytes of answers are
};

// Answers requests to the GraphQL endpoints. handle() is called on loop threads; work that would
// hold up a loop goes to workers, and the answer comes from there. A store that is asked over a
// network is asked by workers alone, each with connections of its own.
class Pipeline {
 public:
  // Opens a lane for every loop and worker. Fails when the store cannot be read, a domain's mapping
  // does not fit its schema, or trusted documents cannot be used.
  static Result<std::unique_ptr<Pipeline>> open(const PipelineDependencies& dependencies,
                                                const PipelineOptions& options);
  ~Pipeline();

  // The endpoint at that path; null where there is none.
  const Endpoint* endpoint_at(std::string_view path) const;

  // One request to an endpoint, from identification to the answer. On the thread of
  // `request.loop`; answers exactly once.
  void handle(const Endpoint& endpoint, const http::Request& request, http::Responder responder);

  // For /auth and pages: the gate, workers and lanes. Loops have none over a shared store.
  const gate::Gate& gate() const { return gate_; }
  WorkerPool& workers() { return *workers_; }
  Lane& loop_lane(unsigned loop) { return *loop_lanes_[loop]; }
  Lane& worker_lane(unsigned worker) { return *worker_lanes_[worker]; }

  bool has_trusted_documents() const { return !options_.trusted_documents.empty(); }
  // Reads the files of trusted documents again, for requests to come. Fails as open() does; the
  // documents before then stay in use.
  Result<void> reload_trusted_documents();

  // Writes the uses of tokens counted by all lanes.
  Result<void> flush_uses();

  const std::vector<std::unique_ptr<const Endpoint>>& endpoints() const { return endpoints_; }
  // Of one loop and one endpoint, by its index in endpoints().
  const EndpointMetrics& metrics(unsigned loop, std::size_t endpoint) const {
    return metrics_[loop * endpoints_.size() + endpoint];
  }
  unsigned loops() const { return options_.loops; }
  const execution::ExecutionLimits& execution_limits() const { return options_.execution; }
  const execution::AnswerPlaces& answers() const { return dependencies_.answers; }
  // Null where it is off.
  readmodel::ReadModel* read_model() const { return read_model_.get(); }
  // Requests that wait for a worker.
  std::size_t queued() const { return workers_->queued(); }

 private:
  struct Call;
  class RunJob;
  class RequestJob;

  void answer_on(Lane& lane, std::unique_ptr<Call> call);
  std::optional<http::Response> understand(Call& call);
  std::optional<http::Response> permit(Call& call);
  void look_ahead(Call& call);
  void answer_together(unsigned worker, Jobs jobs, const WorkerPool::Requeue& requeue);
  Placement place(const Call& call) const;
  Placement place_unidentified(const Call& call) const;
  bool may_go_together(Call& call, Lane& lane);
  bool send_ahead(Call& call, Lane& lane);
  std::optional<http::Response> receive_ahead(Call& call, Lane& lane);
  void submit_shared(std::unique_ptr<Call> call);
  std::chrono::nanoseconds deadline_of(const Call& call) const;
  Pipeline(const PipelineDependencies& dependencies, const PipelineOptions& options);
  readmodel::ReadModel* open_read_model();
  static bool is_in_memory(Call& call);

  static gate::Attempt attempt_of(const Call& call);
  std::optional<http::Response> identify(Call& call);
  std::optional<http::Response> answer_on_loop(Call& call);
  std::optional<http::Response> run_slice(Call& call);
  http::Response finish(Call& call, Lane& lane);
  bool foresee(Call& call);
  std::optional<http::Response> run_foreseen(Call& call, Lane& lane);
  std::optional<http::Response> limit_stranger(Call& call);
  std::optional<http::Response> decode(Call& call);
  static std::optional<http::Response> refuse_by_get(const Call& call,
                                                     const graphql::Document& document);
  std::optional<http::Response> prepare(Call& call);
  std::optional<http::Response> authorize(Call& call);
  std::optional<http::Response> bind(Call& call);
  std::optional<http::Response> charge_mutations(Call& call);
  http::Response run(Call& call, Lane& lane);
  execution::AnswerBounds bounds_of(const Call& call) const;
  execution::ExecutionOutcome execute(Call& call, Lane& lane,
                                      const execution::AnswerBounds& bounds);
  http::Response reply_confirmed(Call& call, Lane& lane, execution::ExecutionOutcome outcome);
  http::Response reply(const Call& call, execution::ExecutionOutcome outcome);
  Result<std::string> command(Call& call, Lane& lane, unsigned index,
                              const execution::Arguments& arguments);
  EndpointMetrics& metrics_of(const Call& call);
  void answer(std::unique_ptr<Call> call, http::Response response);
  void answer_busy(std::unique_ptr<Call> call);

  PipelineDependencies dependencies_;
  PipelineOptions options_;
  std::vector<std::unique_ptr<const Endpoint>> endpoints_;
  TrustedDocumentsSlot documents_;
  std::vector<EndpointMetrics> metrics_;
  auth::RequestLimits limiter_;
  auth::CompanyCeiling ceiling_;
  gate::RefusedTokens refused_tokens_;
  MetCallers met_;
  gate::Gate gate_;
  storage::CountCache counts_;
  std::unique_ptr<readmodel::ReadModel> read_model_;  // before the lanes, which read it
  std::vector<std::unique_ptr<Lane>> loop_lanes_;
  std::vector<std::unique_ptr<Lane>> worker_lanes_;
  // Threads wait and work in real time, whatever clock requests are held to.
  const SystemClock threads_clock_;
  std::unique_ptr<WorkerPool> workers_;  // last: its threads use all of the above
};

}  // namespace matricula::pipeline
