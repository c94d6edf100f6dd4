// The stages of a request before its plan is run; each may refuse it.
#include <algorithm>
#include <fmt/format.h>

#include "execution/row_writer.h"
#include "gate/admit.h"
#include "pipeline/call.h"
#include "pipeline/open_fields.h"
#include "pipeline/pipeline.h"
#include "planning/planner.h"

namespace matricula::pipeline {

using planning::Plan;
using planning::RootEntry;

namespace {

using MaybeResponse = std::optional<http::Response>;

// What is read of a stranger whose address is over its allowance: some 20 us of parsing and
// validation. A token exchange that asks for everything has 1.2 KiB and 120 tokens.
constexpr std::size_t kShortBodyBytesMax = 2 * 1024;
constexpr std::size_t kShortDocumentTokensMax = 256;

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

gate::Attempt Pipeline::attempt_of(const Call& call) {
  return {.request = call.request,
          .scheme = call.endpoint.definition.access == domains::Access::kToken
                        ? gate::Scheme::kToken
                        : gate::Scheme::kPersonOrStranger,
          .resource = call.endpoint.name,
          .content_type = content_type(call.media)};
}

// Who sends the request, and is it within its allowance?
MaybeResponse Pipeline::identify(Call& call) {
  auto caller = gate::identify(gate_, attempt_of(call), *call.lane->authenticator);
  if (!caller) {
    call.admission = caller.error().charged;
    return std::move(caller.error().response);
  }
  call.principal = caller->share();
  call.stranger = caller->is_stranger();
  auto admitted = gate::admit(gate_, *caller, call.request, &call.lane->uses, call.endpoint.name);
  call.admission = admitted ? admitted->decision() : admitted.error().charged;
  return admitted ? limit_stranger(call) : std::move(admitted.error().response);
}

// Takes the caller from this node's cache, to be confirmed; false where it is not there.
bool Pipeline::foresee(Call& call) {
  if (call.endpoint.definition.access != domains::Access::kToken ||
      call.request.header_count("Authorization") != 1) {
    return false;
  }
  const auto remembered =
      call.lane->authenticator->remembered_principal(call.request.header("Authorization"));
  if (!remembered || !gate_.ceiling
                          .peek(*remembered->principal, call.request.header("X-Company-Id"),
                                dependencies_.clock.monotonic())
                          .admitted) {
    return false;
  }
  auto confirmation =
      limiter_.claim(remembered->principal->identity, dependencies_.clock.monotonic(),
                     gate::limit_of(gate_, *remembered->principal), remembered->generation);
  if (!confirmation) {
    return false;
  }
  call.principal = remembered->principal;
  call.confirmation = confirmation;
  return true;
}

// A valid client credential passes whatever its address owes, so that a stranger's document has to
// be read to be refused: of an address over its allowance only one that is soon read, as long as
// that of a token exchange may be, and others get 429 unread. A mutation is never sent by GET.
MaybeResponse Pipeline::limit_stranger(Call& call) {
  if (!call.stranger) {
    return std::nullopt;
  }
  auto allowed = gate::check_address(gate_, call.request);
  if (allowed) {
    return std::nullopt;
  }
  call.is_short_only = true;
  if (call.request.method == http::Method::kPost &&
      call.request.body.size() <= kShortBodyBytesMax) {
    return std::nullopt;
  }
  call.admission = allowed.error().charged;
  return std::move(allowed.error().response);
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
  http::Response response = http::error_response(405, "Only queries can be sent by GET; send this by POST.");
  response.headers.add("Allow", "POST");
  return response;
}

MaybeResponse Pipeline::prepare(Call& call) {
  Lane& lane = *call.lane;
  EndpointMetrics& counts = metrics_of(call);
  std::vector<graphql::Diagnostic> diagnostics;
  if (auto resolved = documents_.get()->resolve(call.endpoint, call.graphql); !resolved) {
    diagnostics.push_back(diagnostic_of(resolved.error()));
  } else {
    call.plan = lane.plans.find(&call.endpoint, call.graphql.operation_name, call.graphql.query);
    (call.plan ? counts.plan_hits : counts.plan_misses).fetch_add(1, std::memory_order_relaxed);
  }
  if (call.plan) {
    return refuse_by_get(call, *call.plan->document);
  }
  if (diagnostics.empty()) {
    graphql::ParseLimits limits = options_.parse;
    if (call.is_short_only) {
      limits.tokens = std::min(limits.tokens, kShortDocumentTokensMax);
    }
    auto parsed = graphql::parse(call.graphql.query, limits);
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
      return gate::unauthenticated_reply("Bearer", "no Authorization header",
                                         content_type(call.media));
    }
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
        gate::note_refusal(gate_, attempt_of(call), *call.principal, "request.authorize");
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
  return charge_mutations(call);
}

// Each mutation counts as a request: the first was charged on admission, the others are here,
// before any of them runs.
MaybeResponse Pipeline::charge_mutations(Call& call) {
  if (call.stranger || call.plan->operation->operation != graphql::OperationType::kMutation) {
    return std::nullopt;
  }
  execution::ActiveFlags flags;
  flags.set(*call.plan, call.variables);
  const auto mutations = static_cast<std::uint32_t>(
      std::ranges::count_if(call.plan->roots, [&](const RootEntry& entry) {
        return std::holds_alternative<planning::CommandPlan>(entry.work) && flags.holds(entry.when);
      }));
  if (mutations <= 1 || call.admission.limit == 0) {
    return std::nullopt;
  }
  if (mutations > call.admission.limit) {
    return field_error_reply(
        200, call.media,
        fmt::format("{} mutations count as {} requests, and the limit is {} in 60 seconds; send "
                    "fewer in a request.",
                    mutations, mutations, call.admission.limit),
        ErrorCode::kLimitExceeded, first_key(*call.plan));
  }
  auto charged = gate::charge_more(gate_, *call.principal, call.admission, mutations - 1);
  call.admission = charged ? *charged : charged.error().charged;
  return charged ? MaybeResponse() : std::move(charged.error().response);
}

}  // namespace matricula::pipeline
