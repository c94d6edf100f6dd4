#include "server/data_routes.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "auth/callers/data_company.h"
#include "dataapi/replies.h"
#include "gate/answer.h"
#include "gate/identify.h"
#include "gate/named_company.h"
#include "gate/replies.h"
#include "http/url.h"

namespace matricula::server {
namespace {

// Of these routes in the audit trail and in what is counted of use.
constexpr std::string_view kName = "data";
constexpr unsigned kThreadsMin = 2;
constexpr std::chrono::seconds kSweepEvery{1};
// Files without readers keep one part in so many of the spool.
constexpr std::uint64_t kShareOfKeptFiles = 4;

dataapi::FileMakerOptions maker_options(const spool::Spool& spool) {
  return {.kept_bytes_max = spool.budget().bytes_max() / kShareOfKeptFiles};
}

std::vector<dataapi::RowFilters::Endpoint> progress_endpoints(const pipeline::Pipeline& pipeline) {
  std::vector<dataapi::RowFilters::Endpoint> endpoints;
  for (const auto& each : pipeline.endpoints()) {
    if (each->definition.audience == domains::Audience::kToken) {
      endpoints.push_back({.schema = *each->schema, .mapping = each->definition.mapping});
    }
  }
  return endpoints;
}

gate::Attempt attempt_of(const http::Request& request) {
  return {.request = request, .scheme = gate::Scheme::kAny, .resource = kName};
}

// The company that the request names. kBadUserInput where it names two.
Result<std::optional<std::string>> named_company(const http::Request& request) {
  constexpr std::string_view kTwo =
      "The request names two companies; name one, in the header X-Company-Id or by ?company=.";
  const auto by_header = gate::named_company(request);
  if (!by_header) {
    return fail(ErrorCode::kBadUserInput, std::string(kTwo));
  }
  std::optional<std::string> named(*by_header);
  // Other mistakes in the query are reported by http::Parameters.
  if (const auto parameters = http::parse_query(request.query)) {
    const auto found = std::ranges::find(*parameters, "company", &http::QueryParameter::name);
    if (found != parameters->end() && named.value_or(found->value) != found->value) {
      return fail(ErrorCode::kBadUserInput, std::string(kTwo));
    }
    named = found != parameters->end() ? found->value : named;
  }
  return named;
}

}  // namespace

class DataRoutes::Task final : public pipeline::Job {
 public:
  // What goes on after a wait does so whatever the client did meanwhile: a page of changes is
  // small, and who closed half of the connection still reads.
  enum class Begins { kNow, kAfterWait };
  Task(const pipeline::Placement& placement, DataRoutes& routes,
       std::shared_ptr<dataapi::Call> call, Begins begins, std::function<void(ThreadContext&)> work)
      : Job(placement),
        routes_(routes),
        call_(std::move(call)),
        begins_(begins),
        work_(std::move(work)) {}
  bool is_wanted() const override {
    return begins_ == Begins::kAfterWait || !call_->request.is_client_gone();
  }
  void run(unsigned worker) override { work_(*routes_.contexts_[worker]); }
  void expire() override { call_->answer(routes_.gate_, gate::busy_reply()); }

 private:
  DataRoutes& routes_;
  std::shared_ptr<dataapi::Call> call_;
  const Begins begins_;
  std::function<void(ThreadContext&)> work_;
};

DataRoutes::DataRoutes(storage::Database& database, const pipeline::Pipeline& pipeline,
                       bool keeps_deletes)
    : database_(database),
      gate_(pipeline.gate()),
      filters_(progress_endpoints(pipeline), pipeline.execution_limits()),
      files_(database, pipeline.answers().spool, gate_.clock, gate_.logger,
             maker_options(*pipeline.answers().spool)),
      file_sweeper_(kSweepEvery, [this] { files_.sweep(); }),
      api_({.gate = gate_,
            .files = files_,
            .waiter = waiter_,
            .filters = filters_,
            .spool = pipeline.answers().spool,
            .submit =
                [this](std::shared_ptr<dataapi::Call> call,
                       std::function<void(storage::Session&)> work) {
                  const pipeline::Placement placement{
                      .tenant = pipeline::tenant_of(*call->principal, call->request)};
                  submit(std::make_unique<Task>(
                      placement, *this, call, Task::Begins::kAfterWait,
                      [this, call, work = std::move(work)](ThreadContext& context) {
                        auto still = confirm(*call, context);
                        still ? work(*context.session) : refuse(*call, std::move(still.error()));
                      }));
                },
            .keeps_deletes = keeps_deletes}),
      waiter_(database, gate_.clock, gate_.logger) {}

DataRoutes::~DataRoutes() = default;

Result<std::unique_ptr<DataRoutes>> DataRoutes::open(storage::Database& database,
                                                     const auth::Secrets& secrets,
                                                     const auth::JwksSource* outside,
                                                     const pipeline::Pipeline& pipeline,
                                                     bool keeps_deletes) {
  std::unique_ptr<DataRoutes> routes(new DataRoutes(database, pipeline, keeps_deletes));
  const unsigned threads = std::max(kThreadsMin, pipeline.loops());
  for (unsigned i = 0; i < threads; ++i) {
    auto context = std::make_unique<ThreadContext>(routes->gate_.clock);
    MATRICULA_TRY(context->session, database.open_reader());
    MATRICULA_TRY(context->authenticator,
                  auth::Authenticator::open(database, secrets, routes->gate_.clock, outside));
    routes->contexts_.push_back(std::move(context));
  }
  routes->workers_ = std::make_unique<pipeline::WorkerPool>(
      pipeline::WorkerPoolOptions{.workers = threads, .short_workers = 0}, routes->gate_.clock);
  return routes;
}

void DataRoutes::submit(std::unique_ptr<Task> task) {
  if (auto refused = workers_->submit(std::move(task))) {
    refused->expire();
  }
}

void DataRoutes::handle(const http::Request& request, http::Responder responder) {
  if (auto refused = dataapi::check_method(request)) {
    responder.send(std::move(*refused));
    return;
  }
  auto call = std::make_shared<dataapi::Call>(
      dataapi::Call{.request = request, .responder = std::move(responder)});
  const auto met = tenant_cache_.find(request);
  const pipeline::Placement placement{
      .tenant = met.value_or(pipeline::tenant_of_address(request.remote_address)),
      .kind = met ? pipeline::JobKind::kLong : pipeline::JobKind::kUnknown};
  submit(std::make_unique<Task>(placement, *this, call, Task::Begins::kNow,
                                [this, call](ThreadContext& context) { answer(call, context); }));
}

void DataRoutes::answer(std::shared_ptr<dataapi::Call> call, ThreadContext& context) {
  auto in = admit(*call, context);
  if (in) {
    tenant_cache_.insert(call->request, pipeline::tenant_of(*call->principal, call->request));
    api_.answer(std::move(call), *context.session);
    return;
  }
  tenant_cache_.erase(call->request);
  refuse(*call, std::move(in.error()));
}

void DataRoutes::refuse(dataapi::Call& call, gate::Refusal refusal) {
  call.responder.send(
      gate::refused_response(gate_, std::move(refusal), call.principal.get(), call.admission));
}

// Identifies the caller, charges the request, and finds its company.
gate::Stage<void> DataRoutes::admit(dataapi::Call& call, ThreadContext& context) {
  const gate::Attempt attempt = attempt_of(call.request);
  MATRICULA_TRY(const gate::Identified caller,
                gate::identify(gate_, attempt, *context.authenticator));
  call.principal = caller.share();
  const auto named = named_company(call.request);
  const auto chosen = named && *named ? std::optional<std::string_view>(**named) : std::nullopt;
  MATRICULA_TRY(call.admission, gate::admit(gate_, caller, chosen, &context.uses, kName));
  if (!named) {
    return gate::refuse(gate::error_reply(named.error().code, named.error().message));
  }
  MATRICULA_TRY(call.company, company_of(attempt, caller.principal(), chosen));
  return {};
}

// After a wait: whether the caller may still read the company. Meanwhile the token may have been
// revoked or have expired, the session have ended, a role have been taken away. What is written
// after that must not be read with it.
gate::Stage<void> DataRoutes::confirm(const dataapi::Call& call, ThreadContext& context) {
  const gate::Attempt attempt = attempt_of(call.request);
  MATRICULA_TRY(const gate::Identified caller,
                gate::identify(gate_, attempt, *context.authenticator));
  MATRICULA_CHECK(company_of(attempt, caller.principal(), call.company));
  return {};
}

gate::Stage<std::string> DataRoutes::company_of(const gate::Attempt& attempt,
                                                const auth::Principal& caller,
                                                std::optional<std::string_view> chosen) {
  auto company = auth::data_company(caller, chosen);
  if (company) {
    return std::move(*company);
  }
  if (company.error().code == ErrorCode::kUnauthorized) {
    gate::note_refusal(gate_, attempt, caller, "request.authorize");
  }
  return gate::refuse(gate::error_reply(company.error().code, company.error().message));
}

Result<void> DataRoutes::flush_uses(std::chrono::nanoseconds wait_until) {
  std::vector<auth::UseCounter*> counters;
  for (const auto& context : contexts_) {
    counters.push_back(&context->uses);
  }
  return auth::UseCounter::flush_all(counters, database_, wait_until);
}

}  // namespace matricula::server
