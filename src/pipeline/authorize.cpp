#include "pipeline/authorize.h"

#include <fmt/format.h>
#include <vector>

#include "gate/named_company.h"
#include "gate/replies.h"
#include "gate/session_cookie.h"
#include "pipeline/public_fields.h"

namespace matricula::pipeline {
namespace {

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

gate::Stage<void> check_public_fields(const EndpointRequest& request, const auth::Principal& caller,
                                      const planning::Plan& plan) {
  const domains::Definition& definition = request.endpoint.definition;
  const bool is_stranger = caller.kind == auth::PrincipalKind::kAnonymous;
  if (is_stranger && !is_public_operation(definition, plan)) {
    http::Response reply = gate::unauthenticated_reply("Bearer", "no Authorization header",
                                                       content_type(request.media));
    if (!gate::presented_sessions(request.http).empty()) {
      reply.headers.add("X-Hint", gate::kSessionAdvice);
    }
    return gate::refuse(std::move(reply));
  }
  if (const planning::RootEntry* repeated = repeated_public_field(definition, plan)) {
    return gate::refuse(field_error_reply(
        200, request.media,
        fmt::format("\"{}\" can be called only once in a request; send one request for each.",
                    repeated->definition->name),
        ErrorCode::kBadUserInput, repeated->key));
  }
  return {};
}

// Empty at endpoints that belong to no company.
Result<std::string> company_of(const EndpointRequest& request, const auth::Principal& caller) {
  const domains::Definition& definition = request.endpoint.definition;
  if (definition.audience != domains::Audience::kToken) {
    return std::string();
  }
  const auto accepted = accepted_scopes(definition.mapping.scopes);
  MATRICULA_TRY(const std::optional<std::string_view> named, gate::named_company(request.http));
  return auth::company_for(caller, accepted, named, request.endpoint.name);
}

}  // namespace

gate::Stage<Tenant> authorize(const gate::Gate& gate, const EndpointRequest& request,
                              const auth::Principal& caller, const planning::Plan& plan) {
  MATRICULA_CHECK(check_public_fields(request, caller, plan));
  auto company = company_of(request, caller);
  if (company) {
    return Tenant(*std::move(company));
  }
  const bool is_forbidden = company.error().code == ErrorCode::kUnauthorized;
  if (is_forbidden) {
    gate::note_refusal(gate, attempt_of(request), caller, "request.authorize");
  }
  return gate::refuse(field_error_reply(is_forbidden ? 403 : 200, request.media,
                                        company.error().message, company.error().code,
                                        first_key(plan)));
}

std::optional<Tenant> authorize_unconfirmed(const EndpointRequest& request,
                                            const auth::Principal& caller,
                                            const planning::Plan& plan) {
  if (!check_public_fields(request, caller, plan)) {
    return std::nullopt;
  }
  auto company = company_of(request, caller);
  return company ? std::optional(Tenant(*std::move(company))) : std::nullopt;
}

}  // namespace matricula::pipeline
