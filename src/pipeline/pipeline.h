#pragma once

#include <memory>
#include <vector>

#include "auth/secrets/secrets.h"
#include "base/clock.h"
#include "base/log.h"
#include "domains/domains.h"
#include "gate/gate.h"
#include "http/message.h"
#include "pipeline/driver.h"
#include "pipeline/endpoint.h"
#include "pipeline/lane.h"
#include "pipeline/metrics.h"
#include "pipeline/options.h"
#include "pipeline/service.h"
#include "pipeline/trusted_documents.h"
#include "pipeline/worker_pool.h"
#include "readmodel/read_model.h"

namespace matricula::pipeline {

// What the pipeline works with; everything outlives it.
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
// network is asked by workers alone, each with connections of its own. The order of the stages is
// that of the driver for the kind of store.
class Pipeline {
 public:
  // Opens a lane for every loop and worker. Fails when the store cannot be read, a domain's mapping
  // does not fit its schema, or trusted documents cannot be used.
  static Result<std::unique_ptr<Pipeline>> open(const PipelineDependencies& dependencies,
                                                const PipelineOptions& options);
  ~Pipeline();

  // The endpoint at that path; null where there is none.
  const Endpoint* endpoint_at(std::string_view path) const;

  // One request to an endpoint, from its protocol to the answer. On the thread of `request.loop`;
  // answers exactly once.
  void handle(const Endpoint& endpoint, const http::Request& request, http::Responder responder);

  // For /auth and pages: the gate, workers and lanes. Loops have none over a shared store.
  const gate::Gate& gate() const { return gate_; }
  WorkerPool& workers() { return driver_->workers(); }
  // For benchmarks.
  Lane& loop_lane(unsigned loop) { return *lanes_.loops[loop]; }
  Lane& worker_lane(unsigned worker) { return *lanes_.workers[worker]; }

  bool has_trusted_documents() const { return !options_.trusted_documents.empty(); }
  // Reads the files of trusted documents again, for requests to come. Fails as open() does; the
  // documents before then stay in use.
  Result<void> reload_trusted_documents();

  // Writes the uses of tokens counted by all lanes, and drops windows of limits that have passed;
  // either is done whether the other fails or not. Waits for other writers until `wait_until`.
  Result<void> flush_uses(std::chrono::nanoseconds wait_until);

  const std::vector<std::unique_ptr<const Endpoint>>& endpoints() const { return endpoints_; }
  // Of one loop and one endpoint, by its index in endpoints().
  const EndpointMetrics& metrics(unsigned loop, std::size_t endpoint) const {
    return metrics_.of(loop, endpoint);
  }
  unsigned loops() const { return options_.loops; }
  std::chrono::milliseconds request_timeout() const { return options_.request_timeout; }
  const execution::ExecutionLimits& execution_limits() const { return options_.execution; }
  const execution::AnswerPlaces& answers() const { return dependencies_.answers; }
  // Null where it is off.
  readmodel::ReadModel* read_model() const { return read_model_.get(); }
  // Of the columns of catalogs in memory.
  std::uint64_t column_bytes() const { return columns_ ? columns_->bytes() : 0; }
  // Requests that wait for a worker.
  std::size_t queued() const { return driver_->workers().queued(); }

 private:
  Pipeline(const PipelineDependencies& dependencies, const PipelineOptions& options,
           std::vector<std::unique_ptr<const Endpoint>> endpoints);
  readmodel::ReadModel* open_read_model();
  Result<void> open_lanes(unsigned loops, unsigned workers);

  PipelineDependencies dependencies_;
  PipelineOptions options_;
  std::vector<std::unique_ptr<const Endpoint>> endpoints_;
  TrustedDocumentsSlot documents_;
  Metrics metrics_;
  auth::RequestLimits limiter_;
  auth::CompanyCeiling ceiling_;
  gate::RefusedTokens refused_tokens_;
  gate::Gate gate_;
  Service service_;
  storage::CountCache counts_;
  // Before the lanes, which read them; none where nothing is kept in memory.
  std::unique_ptr<readmodel::ReadModel> read_model_;
  std::optional<execution::ColumnCache> columns_;
  Lanes lanes_;
  std::unique_ptr<Driver> driver_;  // last: its threads use all of the above
};

}  // namespace matricula::pipeline
