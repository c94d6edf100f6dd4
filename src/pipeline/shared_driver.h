#pragma once

#include <memory>
#include <optional>

#include "base/clock.h"
#include "gate/cached_caller.h"
#include "pipeline/admit_caller.h"
#include "pipeline/driver.h"
#include "pipeline/lane.h"
#include "pipeline/prepare.h"
#include "pipeline/run.h"
#include "pipeline/tenants.h"

namespace matricula::pipeline {

// Requests over a store that several nodes share and that is asked over a network: loops only queue
// them, and workers answer. A cached caller is confirmed in the round trip of the request's first
// statement: the stages that need no store run before that, and nothing is sent to the client until
// the store has confirmed. While more light requests wait than there are workers, a worker sends
// several of them in one batch.
class SharedDriver final : public Driver {
 public:
  // Both outlive it.
  SharedDriver(const Service& service, Lanes& lanes, const WorkerPoolOptions& workers);
  void handle(Pending pending) override;
  WorkerPool& workers() override { return workers_; }

 private:
  struct Runnable;
  struct Call;
  class RequestJob;

  Placement placement_of(const http::Request& request, const Endpoint& endpoint) const;

  void answer_alone(Call& call, Lane& lane);
  bool make_runnable(Call& call, Lane& lane) const;
  std::optional<http::Response> answer_cached(Call& call, Lane& lane) const;
  gate::Stage<http::Response> answer_identified(Call& call, Lane& lane);

  void answer_batch(unsigned worker, Jobs jobs, const WorkerPool::Requeue& requeue);
  bool is_batchable(Call& call, Lane& lane) const;
  static bool add_to(storage::Batch& batch, Call& call, Lane& lane);
  bool answer_from(storage::BatchRows& rows, Call& call, Lane& lane) const;

  gate::Stage<PreparedRequest> prepare_request(const EndpointRequest& request, Lane& lane,
                                               const graphql::ParseLimits& limits) const;
  RunOutcome run_cached(const Call& call, Lane& lane, execution::FirstRows* first) const;
  http::Response write_confirmed(Call& call, Lane& lane, RunOutcome outcome) const;

  const Service& service_;
  Lanes& lanes_;
  TenantCache tenant_cache_;
  // Threads wait and work in real time, whatever clock requests are held to.
  const SystemClock threads_clock_;
  WorkerPool workers_;  // last: its threads use all of the above
};

}  // namespace matricula::pipeline
