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

// Parsing and validating a document that is not cached takes some 2 us for each token: at most 5 ms
// for a body or a query string of this size. Workers take longer ones.
constexpr std::size_t kLoopTextBytesMax = 4 * 1024;
// Bounds of a plan that a loop runs: its time, and the bytes of its answer.
constexpr std::chrono::milliseconds kLoopSlice{5};
constexpr std::size_t kLoopAnswerBytesMax = 256 * 1024;

bool is_short(const http::Request& request) {
  return request.body.size() + request.query.size() <= kLoopTextBytesMax;
}

}  // namespace

// A request that is authorized and bound: all that is decided before its plan is run.
struct EmbeddedDriver::Runnable {
  Tenant tenant;
  execution::BoundPlan bound;
};

// A request whose caller was admitted.
struct EmbeddedDriver::Call {
  Pending pending;
  Admitted admitted;
  std::optional<Runnable> runnable = {};  // nullopt: left to a worker
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

// Stages 4 to 11 of docs/ARCHITECTURE.md, on the loop as far as they are short.
void EmbeddedDriver::handle(Pending pending) {
  Lane& lane = *lanes_.loops[pending.request.http.loop];
  // Before the body is decoded: a caller that is refused costs no more than this.
  auto admitted = admit_caller(service_, lane, pending);
  if (!admitted) {
    refuse(service_, std::move(pending), std::move(admitted.error()));
    return;
  }
  auto call =
      std::make_unique<Call>(Call{.pending = std::move(pending), .admitted = std::move(*admitted)});
  // A long text could hold up the loop when it is parsed.
  if (is_short(call->pending.request.http)) {
    auto runnable = make_runnable(*call, lane);
    if (!runnable) {
      refuse(service_, std::move(call->pending), std::move(runnable.error()));
      return;
    }
    call->runnable = std::move(*runnable);
    // The bound values decide: the same plan may be light for one request and heavy for another.
    if (is_light(call->runnable->bound, call->runnable->tenant.company(), lane.model.get())) {
      is_small(call->runnable->bound) ? answer_on_loop(std::move(call), lane)
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

gate::Stage<EmbeddedDriver::Runnable> EmbeddedDriver::make_runnable(Call& call, Lane& lane) const {
  const EndpointRequest& request = call.pending.request;
  const auto& [caller, admission, limits] = call.admitted;
  MATRICULA_TRY(DecodedRequest decoded, decode(request, {.nesting = limits.nesting}));
  // The one stage whose result is shared, and so the last one that knows nothing of the caller.
  MATRICULA_TRY(const PreparedRequest prepared,
                prepare(service_, lane, request, std::move(decoded), limits));
  // Which fields are asked for decides who may ask: after the plan, and before any value.
  MATRICULA_TRY(Tenant tenant,
                authorize(service_.gate, request, caller.principal(), prepared.plan()));
  MATRICULA_TRY(execution::BoundPlan bound, bind(service_, request, prepared));
  // Variables decide how many mutations there are; all are charged before one of them is executed.
  MATRICULA_TRY(const gate::Admission charged,
                charge_mutations(service_.gate, request, caller, admission, bound));
  call.pending.note(charged.decision());
  return Runnable{.tenant = std::move(tenant), .bound = std::move(bound)};
}

// Runs a plan that should be light, within the bounds of a slice: a page can have few values and
// many bytes. False where a bound was reached, and a worker has to run the plan again.
bool EmbeddedDriver::answer_in_slice(Call& call, Lane& lane) const {
  const Clock& clock = service_.gate.clock;
  execution::AnswerBounds bounds =
      answer_bounds(service_, call.pending, call.admitted.caller.principal());
  bounds.deadline = std::min(bounds.deadline, clock.monotonic() + kLoopSlice);
  bounds.bytes_max = kLoopAnswerBytesMax;
  bounds.room_wait = {};
  RunOutcome outcome = run_call(call, lane, bounds);
  const ErrorCode code = outcome.execution.code;
  const bool may_be_by_slice_bounds =
      outcome.execution.failed &&
      (code == ErrorCode::kTimeout || code == ErrorCode::kLimitExceeded ||
       code == ErrorCode::kUnavailable);
  if (may_be_by_slice_bounds && clock.monotonic() < call.pending.deadline(service_)) {
    return false;
  }
  answer_run(call, std::move(outcome));
  return true;
}

void EmbeddedDriver::hand_over(std::unique_ptr<Call> call) {
  const EndpointRequest& request = call->pending.request;
  JobKind kind = kind_of(request.endpoint);
  if (kind == JobKind::kShort && (!call->runnable || call->runnable->bound.is_mutation())) {
    kind = JobKind::kWrite;
  }
  const Placement placement{.tenant = tenant_of(call->admitted.caller.principal(), request.http),
                            .kind = kind};
  if (auto full = workers_.submit(std::make_unique<RunJob>(placement, *this, std::move(call)))) {
    full->expire();
  }
}

// On a worker: the stages that the loop did not take.
void EmbeddedDriver::finish(Call& call, Lane& lane) const {
  if (!call.runnable) {
    auto runnable = make_runnable(call, lane);
    if (!runnable) {
      refuse(service_, std::move(call.pending), std::move(runnable.error()));
      return;
    }
    call.runnable = std::move(*runnable);
  }
  answer_run(call,
             run_call(call, lane,
                      answer_bounds(service_, call.pending, call.admitted.caller.principal())));
}

RunOutcome EmbeddedDriver::run_call(const Call& call, Lane& lane,
                                    const execution::AnswerBounds& bounds) const {
  return run(service_, lane,
             {.request = call.pending.request,
              .caller = call.admitted.caller.principal(),
              .tenant = call.runnable->tenant,
              .bound = call.runnable->bound},
             bounds);
}

void EmbeddedDriver::answer_run(Call& call, RunOutcome outcome) const {
  call.pending.note(outcome.charged);
  http::Response response =
      write(service_, call.pending.request, call.admitted.caller.principal(), call.runnable->bound,
            std::move(outcome.execution), call.pending.charged);
  answer(service_, std::move(call.pending), std::move(response));
}

}  // namespace matricula::pipeline
