#include "pipeline/embedded_driver.h"

#include <algorithm>

#include "pipeline/bind.h"
#include "pipeline/charge_mutations.h"
#include "pipeline/decode.h"
#include "pipeline/prepare.h"
#include "pipeline/tenants.h"
#include "pipeline/weight.h"
#include "pipeline/write.h"

namespace matricula::pipeline {
namespace {

// Of what is not cached, parsing and checking takes some 2 us for each token; of a body or a query
// string of this size at most 5 ms in all. Longer ones are for workers.
constexpr std::size_t kLoopTextBytesMax = 4 * 1024;
// What running a plan may take of a loop, in time and in bytes of its answer.
constexpr std::chrono::milliseconds kLoopSlice{5};
constexpr std::size_t kLoopAnswerBytesMax = 256 * 1024;

bool is_short(const http::Request& request) {
  return request.body.size() + request.query.size() <= kLoopTextBytesMax;
}

}  // namespace

// All that is decided before a plan is run.
struct EmbeddedDriver::Ready {
  Tenant tenant;
  execution::BoundPlan bound;
};

// A request whose caller was admitted.
struct EmbeddedDriver::Call {
  Pending pending;
  Admitted admitted;
  std::optional<Ready> ready = {};  // where a loop came so far
};

class EmbeddedDriver::CallJob : public Job {
 public:
  CallJob(const Placement& placement, EmbeddedDriver& driver, std::unique_ptr<Call> call)
      : Job(placement), driver_(driver), call_(std::move(call)) {}
  bool is_wanted() const override { return !call_->pending.request.http.is_client_gone(); }
  void expire() override { refuse_busy(driver_.service_, std::move(call_->pending)); }

 protected:
  EmbeddedDriver& driver_;
  std::unique_ptr<Call> call_;
};

class EmbeddedDriver::RunJob final : public CallJob {
 public:
  using CallJob::CallJob;
  void run(unsigned worker) override { driver_.finish(*call_, *driver_.lanes_.workers[worker]); }
};

class EmbeddedDriver::SliceJob final : public CallJob {
 public:
  using CallJob::CallJob;
  void run(unsigned loop) override {
    driver_.answer_on_loop(std::move(call_), *driver_.lanes_.loops[loop]);
  }
  std::unique_ptr<Call> take() { return std::move(call_); }
};

EmbeddedDriver::EmbeddedDriver(const Service& service, Lanes& lanes,
                               const WorkerPoolOptions& workers)
    : service_(service), lanes_(lanes), workers_(workers, threads_clock_) {
  for (unsigned loop = 0; loop < lanes.loops.size(); ++loop) {
    turns_.emplace_back(loop, threads_clock_);
  }
}

// Stages 4 to 10 of docs/ARCHITECTURE.md, on the loop as far as they are short.
void EmbeddedDriver::handle(Pending pending) {
  Lane& lane = *lanes_.loops[pending.request.http.loop];
  // Before anything is read of what is asked: who is refused costs no more than this.
  auto admitted = admit_caller(service_, lane, pending);
  if (!admitted) {
    refuse(service_, std::move(pending), std::move(admitted.error()));
    return;
  }
  auto call =
      std::make_unique<Call>(Call{.pending = std::move(pending), .admitted = std::move(*admitted)});
  // A long text could hold up the loop when it is parsed.
  if (is_short(call->pending.request.http)) {
    auto ready = make_ready(*call, lane);
    if (!ready) {
      refuse(service_, std::move(call->pending), std::move(ready.error()));
      return;
    }
    call->ready = std::move(*ready);
    // What was bound decides: the same plan may be light for one request and heavy for another.
    if (is_light(call->ready->bound, call->ready->tenant.company(), lane.model_reader)) {
      is_small(call->ready->bound) ? answer_on_loop(std::move(call), lane)
                                   : take_turn(std::move(call));
      return;
    }
  }
  hand_over(std::move(call));
}

void EmbeddedDriver::take_turn(std::unique_ptr<Call> call) {
  const http::Request& request = call->pending.request.http;
  if (request.loop_tasks == nullptr) {
    answer_on_loop(std::move(call), *lanes_.loops[request.loop]);
    return;
  }
  const TenantKey tenant = tenant_of(call->admitted.caller.principal(), request);
  if (auto refused = turns_[request.loop].submit(
          std::make_unique<SliceJob>(Placement{.tenant = tenant}, *this, std::move(call)),
          *request.loop_tasks)) {
    hand_over(refused->take());
  }
}

void EmbeddedDriver::answer_on_loop(std::unique_ptr<Call> call, Lane& lane) {
  if (!answer_in_slice(*call, lane)) {
    hand_over(std::move(call));
  }
}

gate::Stage<EmbeddedDriver::Ready> EmbeddedDriver::make_ready(Call& call, Lane& lane) const {
  const EndpointRequest& request = call.pending.request;
  const auto& [caller, admission, limits] = call.admitted;
  MATRICULA_TRY(DecodedRequest decoded, decode(request, {.nesting = limits.nesting}));
  // The one stage whose result is shared, and so the last one that knows nothing of the caller.
  MATRICULA_TRY(
      const PreparedRequest prepared,
      prepare(prepare_parts(service_, lane.plans, request, limits), request, std::move(decoded)));
  // Which fields are asked for decides who may ask: after the plan, and before any value.
  MATRICULA_TRY(Tenant tenant,
                authorize(service_.gate, request, caller.principal(), prepared.plan()));
  MATRICULA_TRY(execution::BoundPlan bound,
                bind(request, prepared,
                     {.limits = service_.options.execution,
                      .suggestions = service_.options.validation.suggestions}));
  // Variables decide how many mutations there are; all are charged before one of them is executed.
  MATRICULA_TRY(const gate::Admission charged,
                charge_mutations(service_.gate, request, caller, admission, bound));
  call.pending.note(charged.decision());
  return Ready{.tenant = std::move(tenant), .bound = std::move(bound)};
}

// Runs what should be light as long as it is: a page can have few values and many bytes. False
// where it was not, and a worker is to run it again.
bool EmbeddedDriver::answer_in_slice(Call& call, Lane& lane) const {
  const Clock& clock = service_.gate.clock;
  execution::AnswerBounds bounds =
      answer_bounds(service_, call.pending, call.admitted.caller.principal());
  bounds.deadline = std::min(bounds.deadline, clock.monotonic() + kLoopSlice);
  bounds.bytes_max = kLoopAnswerBytesMax;
  bounds.room_wait = {};
  RunOutcome outcome = run_ready(call, lane, bounds);
  const ErrorCode code = outcome.execution.code;
  const bool may_be_for_the_slice =
      outcome.execution.failed &&
      (code == ErrorCode::kTimeout || code == ErrorCode::kLimitExceeded ||
       code == ErrorCode::kUnavailable);
  if (may_be_for_the_slice && clock.monotonic() < call.pending.deadline(service_)) {
    return false;
  }
  answer_run(call, std::move(outcome));
  return true;
}

void EmbeddedDriver::hand_over(std::unique_ptr<Call> call) {
  const EndpointRequest& request = call->pending.request;
  JobKind kind = kind_of(request.endpoint);
  if (kind == JobKind::kShort && (!call->ready || call->ready->bound.is_mutation())) {
    kind = JobKind::kWrite;
  }
  const Placement placement{.tenant = tenant_of(call->admitted.caller.principal(), request.http),
                            .kind = kind};
  if (auto full = workers_.submit(std::make_unique<RunJob>(placement, *this, std::move(call)))) {
    full->expire();
  }
}

// On a worker, what the loop left to do.
void EmbeddedDriver::finish(Call& call, Lane& lane) const {
  if (!call.ready) {
    auto ready = make_ready(call, lane);
    if (!ready) {
      refuse(service_, std::move(call.pending), std::move(ready.error()));
      return;
    }
    call.ready = std::move(*ready);
  }
  answer_run(call,
             run_ready(call, lane,
                       answer_bounds(service_, call.pending, call.admitted.caller.principal())));
}

RunOutcome EmbeddedDriver::run_ready(const Call& call, Lane& lane,
                                     const execution::AnswerBounds& bounds) const {
  return run(service_, lane,
             {.request = call.pending.request,
              .caller = call.admitted.caller.principal(),
              .tenant = call.ready->tenant,
              .bound = call.ready->bound},
             bounds);
}

void EmbeddedDriver::answer_run(Call& call, RunOutcome outcome) const {
  call.pending.note(outcome.charged);
  http::Response response = write(service_, call.pending.request, call.admitted.caller.principal(),
                                  std::move(outcome.execution), call.pending.charged);
  answer(service_, std::move(call.pending), std::move(response));
}

}  // namespace matricula::pipeline
