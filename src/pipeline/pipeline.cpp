#include "pipeline/pipeline.h"

#include <algorithm>
#include <fmt/format.h>
#include <sodium.h>

#include "pipeline/graphql_request.h"
#include "pipeline/open_fields.h"
#include "pipeline/plan_weight.h"
#include "pipeline/protocol.h"
#include "pipeline/session_cookie.h"
#include "planning/planner.h"

namespace matricula::pipeline {

using planning::Plan;
using planning::RootEntry;

// One request on its way through the stages; each fills what the next reads.
struct Pipeline::Call {
  Call(const Endpoint& to, const http::Request& from, http::Responder answer_to)
      : endpoint(to), request(from), responder(std::move(answer_to)) {}

  const Endpoint& endpoint;
  const http::Request& request;
  http::Responder responder;
  Lane* lane = nullptr;  // of the thread that is at work on it
  std::chrono::nanoseconds began{0};
  MediaType media = MediaType::kJson;
  std::shared_ptr<const auth::Principal> principal = {};
  bool stranger = false;  // nobody identified: only open fields are allowed
  ratelimit::Decision admission = {};
  GraphqlRequest graphql = {};
  std::shared_ptr<const Plan> plan = {};
  graphql::Variables variables = {};
  std::string company = {};
};

namespace {

// Bounds of the room that a lane keeps ready for an answer.
constexpr std::size_t kAnswerBytesMin = 4'096;
constexpr std::size_t kAnswerBytesMax = 256 * 1024;

using MaybeResponse = std::optional<http::Response>;

ratelimit::LimiterOptions limiter_options(std::uint32_t limit) {
  ratelimit::LimiterOptions options{.limit = limit};
  randombytes_buf(options.seed.data(), options.seed.size());
  return options;
}

// The first root field's response key, for the path of a refusal of the whole endpoint.
std::string_view first_key(const Plan& plan) {
  return plan.roots.empty() ? std::string_view() : std::string_view(plan.roots.front().key);
}

std::vector<auth::ScopeType> accepted_scopes(const planning::ScopeRule& rule) {
  std::vector<auth::ScopeType> accepted;
  if (rule.company) {
    accepted.push_back(auth::ScopeType::kCompany);
  }
  if (rule.catalog_company) {
    accepted.push_back(auth::ScopeType::kCatalogCompany);
  }
  return accepted;
}

// What planning refuses. A limit is one of the document, and stands at its start.
graphql::Diagnostic diagnostic_of(const Error& error) {
  graphql::Diagnostic diagnostic{.code = error.code, .message = error.message, .locations = {}};
  if (error.code == ErrorCode::kLimitExceeded) {
    diagnostic.locations = {{.line = 1, .column = 1}};
  }
  return diagnostic;
}

}  // namespace

Pipeline::Pipeline(const PipelineDependencies& dependencies, const PipelineOptions& options)
    : dependencies_(dependencies),
      options_(options),
      limiter_(limiter_options(options.rate_limit), dependencies.database, dependencies.clock) {}

Pipeline::~Pipeline() = default;

Result<std::unique_ptr<Pipeline>> Pipeline::open(const PipelineDependencies& dependencies,
                                                 const PipelineOptions& options) {
  std::unique_ptr<Pipeline> pipeline(new Pipeline(dependencies, options));
  MATRICULA_TRY(pipeline->endpoints_, make_endpoints());
  MATRICULA_TRY(pipeline->documents_,
                TrustedDocuments::load(options.trusted_documents, options.trusted_documents_only,
                                       pipeline->endpoints_, options.parse, options.validation));
  pipeline->metrics_ = std::vector<EndpointMetrics>(options.loops * pipeline->endpoints_.size());
  const unsigned loop_lanes = dependencies.database.is_shared() ? 0 : options.loops;
  for (unsigned i = 0; i < loop_lanes + options.workers; ++i) {
    MATRICULA_TRY(auto lane,
                  Lane::open(dependencies.database, dependencies.secrets, dependencies.clock,
                             pipeline->counts_, options.execution, options.plans,
                             dependencies.outside));
    (i < loop_lanes ? pipeline->loop_lanes_ : pipeline->worker_lanes_).push_back(std::move(lane));
  }
  pipeline->workers_ = std::make_unique<WorkerPool>(options.workers, options.worker_queue_max);
  return pipeline;
}

const Endpoint* Pipeline::endpoint_at(std::string_view path) const {
  for (const auto& endpoint : endpoints_) {
    if (endpoint->path == path) {
      return endpoint.get();
    }
  }
  return nullptr;
}

void Pipeline::handle(const Endpoint& endpoint, const http::Request& request,
                      http::Responder responder) {
  auto call = std::make_unique<Call>(endpoint, request, std::move(responder));
  call->began = dependencies_.clock.monotonic();
  if (auto refused = check_protocol(request, call->media)) {
    answer(std::move(call), std::move(*refused));
    return;
  }
  if (dependencies_.database.is_shared()) {
    submit(std::move(call), [this](Lane& lane, std::unique_ptr<Call> queued) {
      answer_on(lane, std::move(queued));
    });
    return;
  }
  call->lane = loop_lanes_[request.loop].get();
  if (auto refused = prepare_all(*call)) {
    answer(std::move(call), std::move(*refused));
    return;
  }
  if (!is_heavy(*call->plan, call->variables)) {
    http::Response response = run(*call, *call->lane);
    answer(std::move(call), std::move(response));
    return;
  }
  submit(std::move(call), [this](Lane& lane, std::unique_ptr<Call> queued) {
    http::Response response = run(*queued, lane);
    answer(std::move(queued), std::move(response));
  });
}

// The stages before a plan is run.
MaybeResponse Pipeline::prepare_all(Call& call) {
  MaybeResponse refused;
  for (const auto stage : {&Pipeline::identify, &Pipeline::decode, &Pipeline::prepare,
                           &Pipeline::authorize, &Pipeline::bind}) {
    if (!refused) {
      refused = (this->*stage)(call);
    }
  }
  return refused;
}

// A whole request on a worker.
void Pipeline::answer_on(Lane& lane, std::unique_ptr<Call> call) {
  call->lane = &lane;
  if (dependencies_.clock.monotonic() - call->began > options_.queue_timeout) {
    http::Response busy =
        unavailable_reply(call->media, "The server is busy; try again in a second.");
    answer(std::move(call), std::move(busy));
    return;
  }
  MaybeResponse refused = prepare_all(*call);
  http::Response response = refused ? std::move(*refused) : run(*call, lane);
  answer(std::move(call), std::move(response));
}

// Hands the call to a worker, or answers that there is none free.
template <typename Work>
void Pipeline::submit(std::unique_ptr<Call> call, Work work) {
  // The job may be refused and destroyed; the call must not go with it.
  const auto shared = std::make_shared<std::unique_ptr<Call>>(std::move(call));
  const bool queued = workers_->submit(make_job(
      [this, shared, work](unsigned worker) { work(*worker_lanes_[worker], std::move(*shared)); }));
  if (!queued) {
    const MediaType media = (*shared)->media;
    answer(std::move(*shared),
           unavailable_reply(media, "The server is busy; try again in a second."));
  }
}

// Who sends the request, and is it within its allowance? A valid token is never refused for what
// others did from its address.
MaybeResponse Pipeline::identify(Call& call) {
  Lane& lane = *call.lane;
  const auto authorization = call.request.header("Authorization");
  Result<std::shared_ptr<const auth::Principal>> principal =
      fail(ErrorCode::kUnauthenticated, "no Authorization header");
  if (call.request.header_count("Authorization") > 1) {
    principal = fail(ErrorCode::kUnauthenticated, "token not found");
  } else if (call.endpoint.definition.access == domains::Access::kToken) {
    principal = lane.authenticator->data_principal(authorization);
  } else {
    auth::Presented presented = presented_session(call.request);
    if (!authorization && !(presented.session_cookie && presented.csrf_token)) {
      call.stranger = true;
      return std::nullopt;
    }
    presented.authorization = authorization;
    principal = lane.authenticator->user_principal(presented);
  }
  if (!principal) {
    if (principal.error().code != ErrorCode::kUnauthenticated) {
      dependencies_.logger.log(LogLevel::kError, "identification failed",
                               {{"requestId", call.request.request_id},
                                {"error", principal.error().message},
                                {"internal", principal.error().internal}});
      return unavailable_reply(call.media, "The store is not available; try again in a second.");
    }
    if (authorization) {
      note_refusal(call, "request.authenticate");
    }
    return charge_address(call, unauthenticated_reply(call.media, principal.error().message));
  }
  call.principal = std::move(*principal);
  call.admission = admit(*call.principal);
  if (!call.admission.admitted) {
    lane.uses.count_refused(*call.principal);
    return rate_limited_reply(call.admission);
  }
  lane.uses.count(*call.principal);
  return std::nullopt;
}

// A limit of the caller's own stands in place of the server's; a server without limits has none.
ratelimit::Decision Pipeline::admit(const auth::Principal& principal) {
  const std::uint32_t servers = limiter_.limit();
  return limiter_.admit(principal.identity, dependencies_.clock.monotonic(),
                        servers == 0 ? 0 : principal.limit.value_or(servers));
}

// The request of somebody unknown is charged to the address: `response`, or 429 in its place when
// the address is over its allowance.
http::Response Pipeline::charge_address(Call& call, http::Response response) {
  call.admission = limiter_.admit(ratelimit::address_identity(call.request.remote_address),
                                  dependencies_.clock.monotonic());
  return call.admission.admitted ? std::move(response) : rate_limited_reply(call.admission);
}

// A refusal of a known or unknown caller on its way to the audit trail, without anything that the
// client wrote.
void Pipeline::note_refusal(const Call& call, std::string_view action) {
  const auth::Principal nobody;
  dependencies_.refusals.add_once_a_minute(
      {.principal = call.principal ? *call.principal : nobody,
       .address = std::string(call.request.remote_address)},
      {.action = std::string(action), .target = call.endpoint.name});
}

MaybeResponse Pipeline::decode(Call& call) {
  const json::ReadLimits limits{.nesting = options_.parse.nesting};
  auto decoded = call.request.method == http::Method::kGet
                     ? decode_query(call.request.query, limits)
                     : decode_body(call.request.body, limits);
  if (decoded) {
    call.graphql = std::move(*decoded);
    return std::nullopt;
  }
  return bad_request_reply(call.media, decoded.error());
}

MaybeResponse Pipeline::prepare(Call& call) {
  Lane& lane = *call.lane;
  EndpointMetrics& counts = metrics_of(call);
  std::vector<graphql::Diagnostic> diagnostics;
  if (auto resolved = documents_.resolve(call.endpoint, call.graphql); !resolved) {
    diagnostics.push_back(diagnostic_of(resolved.error()));
  } else {
    call.plan = lane.plans.find(&call.endpoint, call.graphql.operation_name, call.graphql.query);
    (call.plan ? counts.plan_hits : counts.plan_misses).fetch_add(1, std::memory_order_relaxed);
  }
  if (!call.plan && diagnostics.empty()) {
    auto parsed = graphql::parse(call.graphql.query, options_.parse);
    if (!parsed) {
      diagnostics.push_back(std::move(parsed.error()));
    } else if (auto valid = graphql::validate(call.endpoint.schema, *parsed, options_.validation);
               !valid) {
      diagnostics = std::move(valid.error());
    } else if (auto plan = planning::make_plan(*valid, call.graphql.operation_name,
                                               call.endpoint.definition.mapping);
               !plan) {
      diagnostics.push_back(diagnostic_of(plan.error()));
    } else {
      call.plan = std::move(*plan);
      lane.plans.insert(&call.endpoint, call.graphql.operation_name, call.graphql.query, call.plan);
    }
  }
  if (diagnostics.empty()) {
    return std::nullopt;
  }
  counts.graphql_errors.fetch_add(1, std::memory_order_relaxed);
  return request_error_reply(call.media, diagnostics);
}

// Whether this caller may use this endpoint and this operation at all.
MaybeResponse Pipeline::authorize(Call& call) {
  const Plan& plan = *call.plan;
  if (call.request.method == http::Method::kGet &&
      plan.operation->operation != graphql::OperationType::kQuery) {
    http::Response response = http::error_response(405, "Mutations must be sent by POST.");
    response.headers.add("Allow", "POST");
    return response;
  }
  const domains::Definition& definition = call.endpoint.definition;
  if (call.stranger) {
    if (!needs_nobody(definition, plan)) {
      return unauthenticated_reply(call.media, "no Authorization header");
    }
    call.principal = std::make_shared<const auth::Principal>();
  }
  if (const RootEntry* repeated = repeated_open_field(definition, plan)) {
    return field_error_reply(
        200, call.media,
        fmt::format("\"{}\" may stand only once in a request; send one request for each.",
                    repeated->definition->name),
        ErrorCode::kBadUserInput, repeated->key);
  }
  if (definition.access == domains::Access::kToken) {
    const auto accepted = accepted_scopes(definition.mapping.scopes);
    auto company =
        auth::company_for(*call.principal, accepted, call.request.header("X-Company-Id"),
                          {.endpoint = call.endpoint.name, .address = call.request.remote_address});
    if (!company) {
      const bool forbidden = company.error().code == ErrorCode::kUnauthorized;
      if (forbidden) {
        note_refusal(call, "request.authorize");
      }
      return field_error_reply(forbidden ? 403 : 200, call.media, company.error().message,
                               company.error().code, first_key(plan));
    }
    call.company = std::move(*company);
  }
  return std::nullopt;
}

MaybeResponse Pipeline::bind(Call& call) {
  auto variables = graphql::coerce_variables(*call.endpoint.schema, *call.plan->document,
                                             *call.plan->operation, call.graphql.variables,
                                             {.suggestions = options_.validation.suggestions});
  if (!variables) {
    return request_error_reply(call.media, variables.error());
  }
  call.variables = std::move(*variables);
  return std::nullopt;
}

http::Response Pipeline::run(Call& call, Lane& lane) {
  lane.session->set_deadline(call.began + options_.request_timeout);
  const execution::CommandRunner commands = [&](unsigned index,
                                                const execution::Arguments& arguments) {
    return command(call, lane, index, arguments);
  };
  std::string body;
  body.reserve(lane.answer_bytes);
  const execution::ExecutionOutcome outcome =
      lane.executor->run({.plan = *call.plan,
                          .variables = call.variables,
                          .tenant = {.company = call.company},
                          .commands = &commands},
                         body);
  lane.session->set_deadline(std::chrono::nanoseconds::max());
  lane.answer_bytes = std::clamp(body.size() + body.size() / 4, kAnswerBytesMin, kAnswerBytesMax);
  if (!outcome.failed) {
    return graphql_reply(200, call.media, std::move(body));
  }
  if (outcome.code == ErrorCode::kInternal || !outcome.internal.empty()) {
    const LogLevel level =
        outcome.code == ErrorCode::kInternal ? LogLevel::kError : LogLevel::kDebug;
    dependencies_.logger.log(level, "request failed",
                             {{"requestId", call.request.request_id},
                              {"endpoint", call.endpoint.name},
                              {"error", outcome.internal}});
  }
  if (outcome.code == ErrorCode::kRateLimited) {
    return rate_limited_reply(call.admission);
  }
  if (outcome.code == ErrorCode::kUnavailable) {
    http::Response response = graphql_reply(503, call.media, std::move(body));
    response.headers.add("Retry-After", "1");
    return response;
  }
  return graphql_reply(200, call.media, std::move(body));
}

// A command under the budgets that hold for it. An open field (generateToken) has one for each pair
// of address and client id; its failures also charge the address.
Result<std::string> Pipeline::command(Call& call, Lane& lane, unsigned index,
                                      const execution::Arguments& arguments) {
  const domains::Definition& definition = call.endpoint.definition;
  const auto root = std::ranges::find_if(definition.mapping.roots, [&](const auto& each) {
    const auto* command_root = std::get_if<planning::CommandRoot>(&each);
    return command_root != nullptr && command_root->command == index;
  });
  const bool open = is_open(definition, std::get<planning::CommandRoot>(*root));
  const auto now = dependencies_.clock.monotonic();
  if (open) {
    const graphql::Input* input = execution::argument(arguments, "input");
    const graphql::Input* client = input == nullptr ? nullptr : input->field("clientId");
    call.admission = limiter_.admit(
        ratelimit::address_identity(
            ratelimit::IdentityKind::kAddressAndClient, call.request.remote_address,
            client == nullptr ? std::string_view() : std::get<std::string>(client->value)),
        now);
    if (!call.admission.admitted) {
      return fail(ErrorCode::kRateLimited, "rate limit");
    }
  }
  const auth::Caller caller{.principal = *call.principal,
                            .address = std::string(call.request.remote_address)};
  auto value = definition.commands[index](
      {.services = dependencies_.services, .caller = caller, .reader = *lane.session}, arguments);
  if (!value && open && value.error().code == ErrorCode::kUnauthorized) {
    const ratelimit::Decision address =
        limiter_.admit(ratelimit::address_identity(call.request.remote_address), now);
    if (!address.admitted) {
      call.admission = address;
      return fail(ErrorCode::kRateLimited, "rate limit");
    }
  }
  return value;
}

EndpointMetrics& Pipeline::metrics_of(const Call& call) {
  return metrics_[call.request.loop * endpoints_.size() + call.endpoint.index];
}

void Pipeline::answer(std::unique_ptr<Call> call, http::Response response) {
  // Nobody was charged for what needed no caller or was refused before anybody could be asked.
  if (call->stranger && call->admission.limit == 0) {
    response = charge_address(*call, std::move(response));
  }
  add_rate_headers(response, call->admission, options_.rate_limit_fields);
  metrics_of(*call).observe(response.status, dependencies_.clock.monotonic() - call->began);
  http::Responder responder = std::move(call->responder);
  call.reset();
  responder.send(std::move(response));
}

Result<void> Pipeline::flush_uses() {
  MATRICULA_CHECK(limiter_.sweep());
  for (const auto* lanes : {&loop_lanes_, &worker_lanes_}) {
    for (const auto& lane : *lanes) {
      MATRICULA_CHECK(lane->uses.flush(dependencies_.database));
    }
  }
  return {};
}

}  // namespace matricula::pipeline
