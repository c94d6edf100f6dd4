#include "pipeline/shared_driver.h"

#include <algorithm>
#include <iterator>
#include <memory>

#include "pipeline/bind.h"
#include "pipeline/charge_mutations.h"
#include "pipeline/decode.h"
#include "pipeline/prepare.h"
#include "pipeline/weight.h"
#include "pipeline/write.h"
#include "storage/session_scope.h"

namespace matricula::pipeline {
namespace {

using State = auth::Confirmation::State;

// A guess from the head alone: a client that brings no credentials to an endpoint of people can
// only exchange its secret for a token.
bool is_token_exchange(const http::Request& request) {
  return request.method == http::Method::kPost && !request.header("Authorization") &&
         !request.header("Cookie");
}

}  // namespace

// A request that is authorized and bound: all that is decided before its plan is run. Its caller is
// cached, and the store has not confirmed it yet.
struct SharedDriver::Runnable {
  Tenant tenant;
  execution::BoundPlan bound;
  // Its first statement, where that is sent in a batch.
  storage::Ticket ticket = {};
  execution::FirstRead::Gives gives = execution::FirstRead::Gives::kAll;
};

// A request on a worker, with the results of the stages that it has been through.
struct SharedDriver::Call {
  Pending pending;
  std::optional<gate::CachedCaller> cached = {};
  std::optional<gate::Stage<PreparedRequest>> prepared = {};  // holds for any caller
  std::optional<Runnable> runnable = {};                      // holds for `cached` alone
};

class SharedDriver::RequestJob final : public Job {
 public:
  RequestJob(const Placement& placement, SharedDriver& driver, Pending pending)
      : Job(placement), driver_(driver), call_{.pending = std::move(pending)} {}
  void run(unsigned worker) override {
    driver_.answer_alone(call_, *driver_.lanes_.workers[worker]);
  }
  bool is_wanted() const override { return !call_.pending.request.http.is_client_gone(); }
  void expire() override { refuse_busy(driver_.service_, std::move(call_.pending)); }
  Call& call() { return call_; }

 private:
  SharedDriver& driver_;
  Call call_;
};

SharedDriver::SharedDriver(const Service& service, Lanes& lanes, const WorkerPoolOptions& workers)
    : service_(service),
      lanes_(lanes),
      workers_(workers, threads_clock_,
               [this](unsigned worker, Jobs jobs, const WorkerPool::Requeue& requeue) {
                 answer_batch(worker, std::move(jobs), requeue);
               }) {}

void SharedDriver::handle(Pending pending) {
  const Placement placement = placement_of(pending.request.http, pending.request.endpoint);
  auto job = std::make_unique<RequestJob>(placement, *this, std::move(pending));
  if (auto full = workers_.submit(std::move(job))) {
    full->expire();
  }
}

// Decided before the store is asked who calls, and so from the cache of tenants.
Placement SharedDriver::placement_of(const http::Request& request, const Endpoint& endpoint) const {
  const auto cached = tenant_cache_.find(request);
  JobKind kind = kind_of(endpoint);
  if (kind == JobKind::kShort && is_token_exchange(request)) {
    kind = JobKind::kWrite;
  }
  if (!cached && kind == JobKind::kLong) {
    return {.tenant = tenant_of_address(request.remote_address), .kind = JobKind::kUnknown};
  }
  return {.tenant = cached ? *cached : tenant_of_address(request.remote_address),
          .kind = kind,
          .is_batchable = true};
}

// Stages 4 to 11 of docs/ARCHITECTURE.md for one request: first in the order for a cached caller;
// where there is none, or the store does not confirm it, in the order for any caller.
void SharedDriver::answer_alone(Call& call, Lane& lane) {
  if (make_runnable(call, lane)) {
    if (auto response = answer_cached(call, lane)) {
      answer(service_, std::move(call.pending), std::move(*response));
      return;
    }
  }
  auto response = answer_identified(call, lane);
  if (!response) {
    refuse(service_, std::move(call.pending), std::move(response.error()));
    return;
  }
  answer(service_, std::move(call.pending), std::move(*response));
}

// The stages that take no round trip, for a cached caller. False where the caller is not cached, or
// where a stage refuses: only a caller that the store confirmed is answered with a refusal.
bool SharedDriver::make_runnable(Call& call, Lane& lane) const {
  const EndpointRequest& request = call.pending.request;
  if (call.runnable) {
    return true;
  }
  if (!call.cached) {
    call.cached = gate::find_cached_caller(service_.gate, attempt_of(request), *lane.authenticator);
  }
  if (!call.cached) {
    return false;
  }
  if (!call.prepared) {
    call.prepared = prepare_request(request, lane, service_.options.parse);
  }
  if (!*call.prepared) {
    return false;
  }
  const PreparedRequest& prepared = **call.prepared;
  auto tenant = authorize_unconfirmed(request, call.cached->principal(), prepared.plan());
  if (!tenant) {
    return false;
  }
  auto bound = bind(service_, request, prepared);
  if (!bound || bound->is_mutation()) {
    return false;
  }
  call.runnable.emplace(Runnable{.tenant = std::move(*tenant), .bound = std::move(*bound)});
  return true;
}

// Runs the plan with the caller's confirmation ahead of the first statement, unless a batch
// confirmed the caller. nullopt where the caller is not confirmed, or the plan sent no statement:
// the result is discarded, and nothing was charged.
std::optional<http::Response> SharedDriver::answer_cached(Call& call, Lane& lane) const {
  auth::Confirmation& confirmation = call.cached->confirmation();
  if (confirmation.state() == State::kDenied) {
    return std::nullopt;
  }
  auth::ConfirmationBatch guard(service_.gate.limits.confirmation_texts());
  storage::GuardScope guarded;
  if (confirmation.state() == State::kUnknown) {
    guard.add(confirmation);
    guarded = storage::scope_to_guard(*lane.session, guard.guard());
  }
  RunOutcome outcome = run_cached(call, lane, nullptr);
  guarded.reset();
  const execution::ExecutionOutcome& execution = outcome.execution;
  if (confirmation.state() == State::kConfirmed) {
    return write_confirmed(call, lane, std::move(outcome));
  }
  const bool is_unanswered =
      execution.code == ErrorCode::kUnavailable || execution.code == ErrorCode::kTimeout;
  if (execution.failed && is_unanswered && confirmation.state() == State::kUnknown) {
    call.pending.caller = call.cached->share();
    return gate::store_unavailable(service_.gate, attempt_of(call.pending.request),
                                   execution.internal);
  }
  return std::nullopt;
}

// For a caller who is not cached, or whose cache entry is stale.
gate::Stage<http::Response> SharedDriver::answer_identified(Call& call, Lane& lane) {
  const EndpointRequest& request = call.pending.request;
  auto admitted_caller = admit_caller(service_, lane, call.pending);
  const auth::Principal* const known = call.pending.caller.get();
  known != nullptr ? tenant_cache_.insert(request.http, tenant_of(*known, request.http))
                   : tenant_cache_.erase(request.http);
  MATRICULA_TRY(const Admitted admitted, std::move(admitted_caller));
  if (!call.prepared) {
    call.prepared = prepare_request(request, lane, admitted.limits);
  }
  MATRICULA_TRY(const PreparedRequest prepared, *std::move(call.prepared));
  const auth::Principal& caller = admitted.caller.principal();
  // Which fields are asked for decides who may ask: after the plan, and before any value.
  MATRICULA_TRY(const Tenant tenant, authorize(service_.gate, request, caller, prepared.plan()));
  MATRICULA_TRY(const execution::BoundPlan bound, bind(service_, request, prepared));
  // Variables decide how many mutations there are; all are charged before one of them is executed.
  MATRICULA_TRY(
      const gate::Admission charged,
      charge_mutations(service_.gate, request, admitted.caller, admitted.admission, bound));
  call.pending.note(charged.decision());
  RunOutcome outcome =
      run(service_, lane, {.request = request, .caller = caller, .tenant = tenant, .bound = bound},
          answer_bounds(service_, call.pending, caller));
  call.pending.note(outcome.charged);
  return write(service_, request, caller, bound, std::move(outcome.execution),
               call.pending.charged);
}

// One statement confirms all callers, followed by the first statement of each request. Requests
// that are not light, and those whose caller the store did not confirm, are requeued to be answered
// alone.
void SharedDriver::answer_batch(unsigned worker, Jobs jobs, const WorkerPool::Requeue& requeue) {
  Lane& lane = *lanes_.workers[worker];
  const auto call_of = [](const std::unique_ptr<Job>& job) -> Call& {
    return static_cast<RequestJob&>(*job).call();  // nothing else is submitted as batchable
  };
  // Takes those out of `jobs` of which `stays` is false.
  const auto take_others = [&](const auto& stays) {
    const auto others = std::stable_partition(jobs.begin(), jobs.end(),
                                              [&](const auto& job) { return stays(call_of(job)); });
    Jobs taken(std::make_move_iterator(others), std::make_move_iterator(jobs.end()));
    jobs.erase(others, jobs.end());
    return taken;
  };
  requeue(take_others([&](Call& call) { return is_batchable(call, lane); }));
  if (jobs.empty()) {
    return;
  }
  // Answers are made one after the other: a small one does not wait for large ones of others.
  std::stable_partition(jobs.begin(), jobs.end(),
                        [&](const auto& job) { return is_small(call_of(job).runnable->bound); });
  auth::ConfirmationBatch guard(service_.gate.limits.confirmation_texts());
  for (const auto& job : jobs) {
    guard.add(call_of(job).cached->confirmation());
  }
  if (const auto limited = storage::scope_to_deadline(
          *lane.session, call_of(jobs.front()).pending.deadline(service_));
      auto batch = lane.session->open_batch(guard.guard())) {
    Jobs others = take_others([&](Call& call) { return add_to(*batch, call, lane); });
    const auto rows = std::move(*batch).send();
    // Not before send(): the guard writes to the confirmations of the others too.
    requeue(std::move(others));
    for (auto& job : jobs) {
      if (answer_from(*rows, call_of(job), lane)) {
        job.reset();
      }
    }
    std::erase(jobs, nullptr);
  }
  requeue(std::move(jobs));
}

// A light request of a cached caller who would be allowed it.
bool SharedDriver::is_batchable(Call& call, Lane& lane) const {
  return make_runnable(call, lane) &&
         pipeline::is_batchable(call.runnable->bound, call.runnable->tenant.company(),
                                *lane.executor, lane.model.get());
}

// False where the request takes more than one statement, or one that a batch does not take.
bool SharedDriver::add_to(storage::Batch& batch, Call& call, Lane& lane) {
  Runnable& runnable = *call.runnable;
  const std::string_view company = runnable.tenant.company();
  const auto first = lane.executor->first_read(runnable.bound, company);
  const auto ticket =
      first ? batch.add(company, first->statement.statement, first->statement.binds) : std::nullopt;
  if (!ticket) {
    return false;
  }
  runnable.ticket = *ticket;
  runnable.gives = first->gives;
  return true;
}

// False where the store did not confirm the caller, or where the failure may come from another
// statement of the batch.
bool SharedDriver::answer_from(storage::BatchRows& rows, Call& call, Lane& lane) const {
  const auto deadline = call.pending.deadline(service_);
  const storage::DeadlineScope limited = storage::scope_to_deadline(*lane.session, deadline);
  execution::FirstRows first{.gives = call.runnable->gives,
                             .rows = rows.rows(call.runnable->ticket)};
  RunOutcome outcome = run_cached(call, lane, &first);
  const ErrorCode code = outcome.execution.code;
  const bool is_late = service_.gate.clock.monotonic() >= deadline;
  const bool may_be_of_others = outcome.execution.failed &&
                                (code == ErrorCode::kUnavailable || code == ErrorCode::kInternal ||
                                 (code == ErrorCode::kTimeout && !is_late));
  if (call.cached->confirmation().state() != State::kConfirmed || may_be_of_others) {
    return false;
  }
  http::Response response = write_confirmed(call, lane, std::move(outcome));
  answer(service_, std::move(call.pending), std::move(response));
  return true;
}

gate::Stage<PreparedRequest> SharedDriver::prepare_request(
    const EndpointRequest& request, Lane& lane, const graphql::ParseLimits& limits) const {
  MATRICULA_TRY(DecodedRequest decoded, decode(request, {.nesting = limits.nesting}));
  return prepare(service_, lane, request, std::move(decoded), limits);
}

RunOutcome SharedDriver::run_cached(const Call& call, Lane& lane,
                                    execution::FirstRows* first) const {
  const auth::Principal& caller = call.cached->principal();
  return run(service_, lane,
             {.request = call.pending.request,
              .caller = caller,
              .tenant = call.runnable->tenant,
              .bound = call.runnable->bound,
              .first = first},
             answer_bounds(service_, call.pending, caller));
}

// The store counted the request in the statement that confirmed the caller.
http::Response SharedDriver::write_confirmed(Call& call, Lane& lane, RunOutcome outcome) const {
  const EndpointRequest& request = call.pending.request;
  const gate::Admission admission = gate::admit_confirmed(service_.gate, *call.cached, request.http,
                                                          lane.uses, request.endpoint.name);
  call.pending.caller = call.cached->share();
  call.pending.note(admission.decision());
  return write(service_, request, call.cached->principal(), call.runnable->bound,
               std::move(outcome.execution), call.pending.charged);
}

}  // namespace matricula::pipeline
