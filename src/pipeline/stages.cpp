// The stages of a request before its plan is run; each may refuse it.
#include <fmt/format.h>

#include "pipeline/call.h"
#include "pipeline/open_fields.h"
#include "pipeline/pipeline.h"
#include "pipeline/session_cookie.h"
#include "planning/planner.h"

namespace matricula::pipeline {

using planning::Plan;
using planning::RootEntry;

namespace {

using MaybeResponse = std::optional<http::Response>;

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
      return store_unavailable(
          call, fmt::format("{}: {}", principal.error().message, principal.error().internal));
    }
    if (authorization) {
      note_refusal(call, "request.authenticate");
    }
    const bool takes_tokens = call.endpoint.definition.access == domains::Access::kToken;
    return charge_address(call, unauthenticated_reply(call.media, takes_tokens ? "Token" : "Bearer",
                                                      principal.error().message));
  }
  call.principal = std::move(*principal);
  call.admission = limiter_.admit(call.principal->identity, dependencies_.clock.monotonic(),
                                  limit_of(*call.principal));
  if (!call.admission.admitted) {
    lane.uses.count_refused(*call.principal);
    return rate_limited_reply(call.admission);
  }
  lane.uses.count(*call.principal);
  return std::nullopt;
}

// 503 while it cannot be said who asks.
http::Response Pipeline::store_unavailable(const Call& call, std::string_view cause) {
  dependencies_.logger.log(LogLevel::kError, "identification failed",
                           {{"requestId", call.request.request_id}, {"error", cause}});
  return unavailable_reply(call.media, "The store is not available; try again in a second.");
}

// A limit of the caller's own stands in place of the server's; a server without limits has none.
std::uint32_t Pipeline::limit_of(const auth::Principal& principal) const {
  const std::uint32_t servers = limiter_.limit();
  return servers == 0 ? 0 : principal.limit.value_or(servers);
}

// Takes for the caller whom this node remembers, to be confirmed; false where nobody is.
bool Pipeline::foresee(Call& call) {
  if (call.endpoint.definition.access != domains::Access::kToken ||
      call.request.header_count("Authorization") != 1) {
    return false;
  }
  const auto remembered =
      call.lane->authenticator->remembered_principal(call.request.header("Authorization"));
  if (!remembered) {
    return false;
  }
  auto confirmation =
      limiter_.claim(remembered->principal->identity, dependencies_.clock.monotonic(),
                     limit_of(*remembered->principal), remembered->generation);
  if (!confirmation) {
    return false;
  }
  call.principal = remembered->principal;
  call.confirmation = confirmation;
  return true;
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

// 405 for what is no query (GraphQL over HTTP, section "GET"), whether or not the schema knows such
// operations.
MaybeResponse Pipeline::refuse_by_get(const Call& call, const graphql::Document& document) {
  if (call.request.method != http::Method::kGet) {
    return std::nullopt;
  }
  const auto operation = planning::find_operation(document, call.graphql.operation_name);
  if (!operation || (*operation)->operation == graphql::OperationType::kQuery) {
    return std::nullopt;  // that there is no such operation is told with what else is wrong
  }
  http::Response response = http::error_response(405, "Mutations must be sent by POST.");
  response.headers.add("Allow", "POST");
  return response;
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
  if (call.plan) {
    return refuse_by_get(call, *call.plan->document);
  }
  if (diagnostics.empty()) {
    auto parsed = graphql::parse(call.graphql.query, options_.parse);
    if (!parsed) {
      diagnostics.push_back(std::move(parsed.error()));
    } else if (auto refused = refuse_by_get(call, **parsed)) {
      return refused;
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
  const domains::Definition& definition = call.endpoint.definition;
  if (call.stranger) {
    if (!needs_nobody(definition, plan)) {
      return unauthenticated_reply(call.media, "Bearer", "no Authorization header");
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

}  // namespace matricula::pipeline
