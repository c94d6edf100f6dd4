#include "pipeline/shared_driver.h"

#include <algorithm>
#include <iterator>

#include "pipeline/bind.h"
#include "pipeline/charge_mutations.h"
#include "pipeline/decode.h"
#include "pipeline/prepare.h"
#include "pipeline/weight.h"
#include "pipeline/write.h"

namespace matricula::pipeline {
namespace {

using State = auth::Confirmation::State;

// Of a request that has not been read: who brings nothing to such an endpoint wants a token.
bool is_token_exchange(const http::Request& request) {
  return request.method == http::Method::kPost && !request.header("Authorization") &&
         !request.header("Cookie");
}

}  // namespace

// All that is decided before a plan is run, for a caller that the store has not confirmed.
struct SharedDriver::Ready {
  Tenant tenant;
  execution::BoundPlan bound;
  // Where its first statement went with a batch.
  storage::Ticket ticket = {};
  execution::FirstRead::Gives gives = execution::FirstRead::Gives::kAll;
};

// A request on a worker, with what was found out about it so far.
struct SharedDriver::Call {
  Pending pending;
  std::optional<gate::CachedCaller> cached = {};
  std::optional<gate::Stage<PreparedRequest>> prepared = {};  // whoever the caller is
  std::optional<Ready> ready = {};                            // for `cached`
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
                 answer_together(worker, std::move(jobs), requeue);
               }) {}

void SharedDriver::handle(Pending pending) {
  const Placement placement = placement_of(pending.request.http, pending.request.endpoint);
  auto job = std::make_unique<RequestJob>(placement, *this, std::move(pending));
  if (auto full = workers_.submit(std::move(job))) {
    full->expire();
  }
}

// Whose turn it is before the store was asked who calls.
Placement SharedDriver::placement_of(const http::Request& request, const Endpoint& endpoint) const {
  const auto met = met_.find(request);
  JobKind kind = kind_of(endpoint);
  if (kind == JobKind::kShort && is_token_exchange(request)) {
    kind = JobKind::kWrite;
  }
  if (!met && kind == JobKind::kLong) {
    return {.tenant = tenant_of_address(request.remote_address), .kind = JobKind::kUnknown};
  }
  return {.tenant = met ? *met : tenant_of_address(request.remote_address),
          .kind = kind,
          .together = Together::kBatchable};
}

// Stages 4 to 10 of docs/ARCHITECTURE.md, for one request: in the order of a cached caller, and in
// that of any other one where the store did not confirm it.
void SharedDriver::answer_alone(Call& call, Lane& lane) {
  if (make_ready(call, lane)) {
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

// What takes no round trip, for a cached caller; false where there is none, or where anything
// refuses: that has to come from a caller that the store knows.
bool SharedDriver::make_ready(Call& call, Lane& lane) const {
  const EndpointRequest& request = call.pending.request;
  if (call.ready) {
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
  auto tenant = authorize(service_.gate, request, call.cached->principal(), prepared.plan());
  if (!tenant) {
    return false;
  }
  auto bound = bind_request(request, prepared);
  if (!bound || bound->is_mutation()) {
    return false;
  }
  call.ready.emplace(Ready{.tenant = std::move(*tenant), .bound = std::move(*bound)});
  return true;
}

// Runs the plan with the caller's confirmation ahead of the first statement, unless a batch
// confirmed it. nullopt where the store did not, or was asked nothing: then nothing was done.
std::optional<http::Response> SharedDriver::answer_cached(Call& call, Lane& lane) const {
  auth::Confirmation& confirmation = call.cached->confirmation();
  if (confirmation.state() == State::kDenied) {
    return std::nullopt;
  }
  auth::ConfirmationBatch guard(service_.gate.limits.confirmation_texts());
  if (confirmation.state() == State::kUnknown) {
    guard.add(confirmation);
    lane.session->set_guard(&guard.guard());
  }
  RunOutcome outcome = run_cached(call, lane, nullptr);
  lane.session->set_guard(nullptr);
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

// For a caller who is not cached, or not as the store has it.
gate::Stage<http::Response> SharedDriver::answer_identified(Call& call, Lane& lane) {
  const EndpointRequest& request = call.pending.request;
  auto let_in = admit_caller(service_, lane, call.pending);
  const auth::Principal* const known = call.pending.caller.get();
  known != nullptr ? met_.note(request.http, tenant_of(*known, request.http))
                   : met_.forget(request.http);
  MATRICULA_TRY(const Admitted admitted, std::move(let_in));
  if (!call.prepared) {
    call.prepared = prepare_request(request, lane, admitted.limits);
  }
  MATRICULA_TRY(const PreparedRequest prepared, *std::move(call.prepared));
  const auth::Principal& caller = admitted.caller.principal();
  // Which fields are asked for decides who may ask: after the plan, and before any value.
  MATRICULA_TRY(const Tenant tenant, authorize(service_.gate, request, caller, prepared.plan()));
  MATRICULA_TRY(const execution::BoundPlan bound, bind_request(request, prepared));
  // Variables decide how many mutations there are; all are charged before one of them is executed.
  MATRICULA_TRY(
      const gate::Admission charged,
      charge_mutations(service_.gate, request, admitted.caller, admitted.admission, bound));
  call.pending.note(charged.decision());
  RunOutcome outcome =
      run(service_, lane, {.request = request, .caller = caller, .tenant = tenant, .bound = bound},
          answer_bounds(service_, call.pending, caller));
  call.pending.note(outcome.charged);
  return write(service_, request, caller, std::move(outcome.execution), call.pending.charged);
}

// One statement confirms all callers, and behind it goes the first statement of each request. Those
// that are not light, and those that the store did not confirm, are requeued to be answered alone.
void SharedDriver::answer_together(unsigned worker, Jobs jobs, const WorkerPool::Requeue& requeue) {
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
  auth::ConfirmationBatch guard(service_.gate.limits.confirmation_texts());
  for (const auto& job : jobs) {
    guard.add(call_of(job).cached->confirmation());
  }
  lane.session->set_deadline(call_of(jobs.front()).pending.deadline(service_));
  if (auto batch = lane.session->open_batch(guard.guard())) {
    Jobs others = take_others([&](Call& call) { return add_to(*batch, call, lane); });
    const auto rows = std::move(*batch).send();
    // Only now: the guard writes to the confirmations of all of them.
    requeue(std::move(others));
    for (auto& job : jobs) {
      if (answer_from(*rows, call_of(job), lane)) {
        job.reset();
      }
    }
    std::erase(jobs, nullptr);
  }
  lane.session->set_deadline(std::chrono::nanoseconds::max());
  requeue(std::move(jobs));
}

// A light request of a cached caller who would be allowed it.
bool SharedDriver::is_batchable(Call& call, Lane& lane) const {
  return make_ready(call, lane) &&
         pipeline::is_batchable(call.ready->bound, call.ready->tenant.company(), *lane.executor,
                                lane.model_reader);
}

// False where the request takes more than one statement, or one that cannot go along.
bool SharedDriver::add_to(storage::Batch& batch, Call& call, Lane& lane) {
  Ready& ready = *call.ready;
  const std::string_view company = ready.tenant.company();
  const auto first = lane.executor->first_read(ready.bound, company);
  const auto ticket =
      first ? batch.add(company, first->statement.statement, first->statement.binds) : std::nullopt;
  if (!ticket) {
    return false;
  }
  ready.ticket = *ticket;
  ready.gives = first->gives;
  return true;
}

// False where the store did not confirm the caller, or where what failed may have failed because of
// another statement of the batch.
bool SharedDriver::answer_from(storage::BatchRows& rows, Call& call, Lane& lane) const {
  const auto deadline = call.pending.deadline(service_);
  lane.session->set_deadline(deadline);
  execution::FirstRows first{.gives = call.ready->gives, .rows = rows.rows(call.ready->ticket)};
  RunOutcome outcome = run_cached(call, lane, &first);
  const ErrorCode code = outcome.execution.code;
  const bool is_late = service_.gate.clock.monotonic() >= deadline;
  const bool may_be_the_others = outcome.execution.failed &&
                                 (code == ErrorCode::kUnavailable || code == ErrorCode::kInternal ||
                                  (code == ErrorCode::kTimeout && !is_late));
  if (call.cached->confirmation().state() != State::kConfirmed || may_be_the_others) {
    return false;
  }
  http::Response response = write_confirmed(call, lane, std::move(outcome));
  answer(service_, std::move(call.pending), std::move(response));
  return true;
}

gate::Stage<PreparedRequest> SharedDriver::prepare_request(
    const EndpointRequest& request, Lane& lane, const graphql::ParseLimits& limits) const {
  MATRICULA_TRY(DecodedRequest decoded, decode(request, {.nesting = limits.nesting}));
  return prepare(prepare_parts(service_, lane.plans, request, limits), request, std::move(decoded));
}

gate::Stage<execution::BoundPlan> SharedDriver::bind_request(
    const EndpointRequest& request, const PreparedRequest& prepared) const {
  return bind(request, prepared,
              {.limits = service_.options.execution,
               .suggestions = service_.options.validation.suggestions});
}

RunOutcome SharedDriver::run_cached(const Call& call, Lane& lane,
                                    execution::FirstRows* first) const {
  const auth::Principal& caller = call.cached->principal();
  return run(service_, lane,
             {.request = call.pending.request,
              .caller = caller,
              .tenant = call.ready->tenant,
              .bound = call.ready->bound,
              .first = first},
             answer_bounds(service_, call.pending, caller));
}

// The request was counted along with the confirmation.
http::Response SharedDriver::write_confirmed(Call& call, Lane& lane, RunOutcome outcome) const {
  const EndpointRequest& request = call.pending.request;
  const gate::Admission admission = gate::admit_confirmed(service_.gate, *call.cached, request.http,
                                                          lane.uses, request.endpoint.name);
  call.pending.caller = call.cached->share();
  call.pending.note(admission.decision());
  return write(service_, request, call.cached->principal(), std::move(outcome.execution),
               call.pending.charged);
}

}  // namespace matricula::pipeline
