// Requests over a store that several nodes share: whole ones on workers, where what a node
// remembers of a caller is confirmed on the way to the first row, and light ones that wait go
// together.
#include <algorithm>
#include <iterator>

#include "pipeline/call.h"
#include "pipeline/pipeline.h"
#include "pipeline/plan_weight.h"

namespace matricula::pipeline {
namespace {

using State = auth::Confirmation::State;

}  // namespace

// A request on a worker.
class Pipeline::RequestJob final : public Job {
 public:
  RequestJob(const Placement& placement, Pipeline& pipeline, std::unique_ptr<Call> call)
      : Job(placement), pipeline_(pipeline), call_(std::move(call)) {}
  void run(unsigned worker) override {
    pipeline_.answer_on(*pipeline_.worker_lanes_[worker], std::move(call_));
  }
  bool is_wanted() const override { return !call_->request.is_client_gone(); }
  void expire() override { pipeline_.answer_busy(std::move(call_)); }
  std::unique_ptr<Call>& call() { return call_; }

 private:
  Pipeline& pipeline_;
  std::unique_ptr<Call> call_;
};

void Pipeline::submit_shared(std::unique_ptr<Call> call) {
  const Placement placement = place_unidentified(*call);
  if (auto full =
          workers_->submit(std::make_unique<RequestJob>(placement, *this, std::move(call)))) {
    full->expire();
  }
}

// The document of a cached caller can be examined before the store is asked.
void Pipeline::look_ahead(Call& call) {
  if (!call.understood && foresee(call)) {
    call.refused = understand(call);
    call.understood = true;
  }
}

// What is remembered of the caller is confirmed on the way to the first row, where there is one;
// else the store is asked before anything is said.
void Pipeline::answer_on(Lane& lane, std::unique_ptr<Call> call) {
  call->lane = &lane;
  look_ahead(*call);
  std::optional<http::Response> response;
  if (call->confirmation && !call->refused && !permit(*call)) {
    response = run_foreseen(*call, lane);
  }
  if (!response) {
    call->confirmation.reset();
    response = identify(*call);
    call->principal ? met_.note(call->request, tenant_of(*call->principal, call->request))
                    : met_.forget(call->request);
  }
  if (!response) {
    response = call->understood ? std::move(call->refused) : understand(*call);
  }
  if (!response) {
    response = permit(*call);
  }
  if (!response) {
    response = run(*call, lane);
  }
  answer(std::move(call), std::move(*response));
}

// As run(), with the caller's confirmation ahead of the first statement, unless it was confirmed
// with others. Nothing when the store did not confirm what is remembered, or had nothing to be
// asked: then it is as if it had not run.
std::optional<http::Response> Pipeline::run_foreseen(Call& call, Lane& lane) {
  if (call.confirmation->state() == State::kDenied) {
    return std::nullopt;
  }
  auth::ConfirmationBatch round(limiter_.confirmation_texts());
  if (call.confirmation->state() == State::kUnknown) {
    round.add(*call.confirmation);
    lane.session->set_guard(&round.guard());
  }
  execution::ExecutionOutcome outcome = execute(call, lane, bounds_of(call));
  lane.session->set_guard(nullptr);
  if (call.confirmation->state() == State::kConfirmed) {
    return reply_confirmed(call, lane, std::move(outcome));
  }
  const bool unanswered =
      outcome.code == ErrorCode::kUnavailable || outcome.code == ErrorCode::kTimeout;
  if (outcome.failed && unanswered && call.confirmation->state() == State::kUnknown) {
    return gate::store_unavailable(gate_, attempt_of(call), outcome.internal);
  }
  return std::nullopt;
}

// The request was counted along with its confirmation.
http::Response Pipeline::reply_confirmed(Call& call, Lane& lane,
                                         execution::ExecutionOutcome outcome) {
  call.admission = call.confirmation->decision();
  const auto company = call.request.header("X-Company-Id");
  gate_.ceiling.admit(*call.principal, company, dependencies_.clock.monotonic());
  lane.uses.count(*call.principal, company, call.endpoint.name);
  return reply(call, std::move(outcome));
}

// Several requests in one journey: one statement confirms all callers, and behind it goes the first
// statement of each. Those that ask for more than light pages, and those of which nothing is
// remembered or confirmed, are requeued to be answered alone.
void Pipeline::answer_together(unsigned worker, Jobs jobs, const WorkerPool::Requeue& requeue) {
  Lane& lane = *worker_lanes_[worker];
  const auto call_of = [](const std::unique_ptr<Job>& job) -> std::unique_ptr<Call>& {
    return static_cast<RequestJob&>(*job).call();  // nothing else is submitted as batchable
  };
  // Takes those out of `jobs` of which `stays` is false.
  const auto take_others = [&](const auto& stays) {
    const auto others = std::stable_partition(
        jobs.begin(), jobs.end(), [&](const auto& job) { return stays(*call_of(job)); });
    Jobs taken(std::make_move_iterator(others), std::make_move_iterator(jobs.end()));
    jobs.erase(others, jobs.end());
    return taken;
  };
  requeue(take_others([&](Call& call) { return may_go_together(call, lane); }));
  if (jobs.empty()) {
    return;
  }
  auth::ConfirmationBatch round(limiter_.confirmation_texts());
  for (const auto& job : jobs) {
    round.add(*call_of(job)->confirmation);
  }
  const auto deadline = deadline_of(*call_of(jobs.front()));
  lane.session->set_deadline(deadline);
  if (!lane.session->begin_batch(round.guard())) {
    requeue(std::move(jobs));
    return;
  }
  // They may be answered elsewhere only when the round writes no more to their confirmations.
  Jobs others = take_others([&](Call& call) { return send_ahead(call, lane); });
  lane.session->set_deadline(deadline);
  static_cast<void>(lane.session->send_batch());
  requeue(std::move(others));
  for (auto& job : jobs) {
    std::unique_ptr<Call>& call = call_of(job);
    if (std::optional<http::Response> response = receive_ahead(*call, lane)) {
      answer(std::move(call), std::move(*response));
      job.reset();
    }
  }
  std::erase(jobs, nullptr);
  requeue(std::move(jobs));
}

// A light request of a caller who is remembered and would be allowed it.
bool Pipeline::may_go_together(Call& call, Lane& lane) {
  call.lane = &lane;
  look_ahead(call);
  return call.confirmation && !call.refused && !permit(call) &&
         (!is_heavy(*call.plan, call.variables, Lists::kInTables) ||
          (is_in_memory(call) && !is_heavy(*call.plan, call.variables, Lists::kInMemory)));
}

// Sends the first statement without waiting; false where that cannot be, and nothing was sent. The
// plan is run for that until it asks.
bool Pipeline::send_ahead(Call& call, Lane& lane) {
  lane.session->start_ahead();
  static_cast<void>(execute(call, lane, bounds_of(call)));
  return lane.session->end_ahead();
}

// Runs the plan on what came of send_ahead(). Nothing when the store did not confirm what is
// remembered, or what failed might not fail alone.
std::optional<http::Response> Pipeline::receive_ahead(Call& call, Lane& lane) {
  lane.session->resume_ahead();
  execution::ExecutionOutcome outcome = execute(call, lane, bounds_of(call));
  lane.session->leave_ahead();
  const bool is_late = dependencies_.clock.monotonic() >= deadline_of(call);
  const bool may_be_the_others =
      outcome.failed &&
      (outcome.code == ErrorCode::kUnavailable || outcome.code == ErrorCode::kInternal ||
       (outcome.code == ErrorCode::kTimeout && !is_late));
  if (call.confirmation->state() != State::kConfirmed || may_be_the_others) {
    return std::nullopt;
  }
  return reply_confirmed(call, lane, std::move(outcome));
}

}  // namespace matricula::pipeline
