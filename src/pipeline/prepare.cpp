#include "pipeline/prepare.h"

#include <tl/expected.hpp>
#include <vector>

#include "planning/planner.h"

namespace matricula::pipeline {
namespace {

using Diagnostics = std::vector<graphql::Diagnostic>;
using SharedPlan = std::shared_ptr<const planning::Plan>;

// What planning refuses. A limit is one of the document, and has its place at the start of it.
Diagnostics diagnostics_of(const Error& error) {
  graphql::Diagnostic diagnostic{.code = error.code, .message = error.message, .locations = {}};
  if (error.code == ErrorCode::kLimitExceeded) {
    diagnostic.locations = {{.line = 1, .column = 1}};
  }
  return {std::move(diagnostic)};
}

// What the functions below work with.
struct Parts {
  const graphql::ParseLimits& parse;
  const graphql::ValidationOptions& validation;
  EndpointMetrics& metrics;
};

gate::Refusal refusal_of(const Parts& parts, const EndpointRequest& request,
                         const Diagnostics& diagnostics) {
  parts.metrics.graphql_errors.fetch_add(1, std::memory_order_relaxed);
  return {.response = request_error_reply(request.media, diagnostics)};
}

// 405 for what is no query (GraphQL over HTTP, section "GET"), whether or not the schema knows such
// operations. That there is no such operation is among the diagnostics.
gate::Stage<void> check_method(const EndpointRequest& request, const graphql::Document& document,
                               std::string_view operation_name) {
  if (request.http.method != http::Method::kGet) {
    return {};
  }
  const auto operation = planning::find_operation(document, operation_name);
  if (!operation || (*operation)->operation == graphql::OperationType::kQuery) {
    return {};
  }
  return gate::refuse(
      http::method_not_allowed("POST", "Only queries can be sent by GET; send this by POST."));
}

gate::Stage<SharedPlan> make_plan(const Parts& parts, const EndpointRequest& request,
                                  std::string_view text, std::string_view operation_name) {
  auto parsed = graphql::parse(std::string(text), parts.parse);
  if (!parsed) {
    return tl::unexpected(refusal_of(parts, request, {std::move(parsed.error())}));
  }
  MATRICULA_CHECK(check_method(request, **parsed, operation_name));
  auto valid = graphql::validate(request.endpoint.schema, *parsed, parts.validation);
  if (!valid) {
    return tl::unexpected(refusal_of(parts, request, valid.error()));
  }
  auto plan = planning::make_plan(*valid, operation_name, request.endpoint.definition.mapping);
  if (!plan) {
    return tl::unexpected(refusal_of(parts, request, diagnostics_of(plan.error())));
  }
  return std::move(*plan);
}

}  // namespace

gate::Stage<PreparedRequest> prepare(const Service& service, Lane& lane,
                                     const EndpointRequest& request, DecodedRequest decoded,
                                     const graphql::ParseLimits& limits) {
  const Parts parts{.parse = limits,
                    .validation = service.options.validation,
                    .metrics = service.metrics.of(request.http.loop, request.endpoint.index)};
  const GraphqlRequest& parameters = decoded.parameters();
  const auto text = service.documents.get(lane.documents).text_of(request.endpoint, parameters);
  if (!text) {
    return tl::unexpected(refusal_of(parts, request, diagnostics_of(text.error())));
  }
  const std::string_view name = parameters.operation_name;
  SharedPlan plan = lane.plans.find(&request.endpoint, name, *text);
  (plan ? parts.metrics.plan_hits : parts.metrics.plan_misses)
      .fetch_add(1, std::memory_order_relaxed);
  if (plan != nullptr) {
    MATRICULA_CHECK(check_method(request, *plan->document, name));
  } else {
    MATRICULA_TRY(plan, make_plan(parts, request, *text, name));
    lane.plans.insert(&request.endpoint, name, *text, plan);
  }
  return PreparedRequest(std::move(plan), std::move(decoded).take_variables());
}

}  // namespace matricula::pipeline
