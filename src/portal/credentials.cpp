#include "portal/credentials.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "auth/callers/restrictions.h"
#include "json/object_text.h"
#include "json/value.h"
#include "portal/body.h"
#include "portal/replies.h"

namespace matricula::portal {
namespace {

// The member of the name, an array of texts; empty where it is absent or null.
Result<std::vector<std::string>> texts_of(const json::Value& body, std::string_view name) {
  std::vector<std::string> texts;
  const json::Value* const member = body.member(name);
  if (member == nullptr || member->is_null()) {
    return texts;
  }
  const auto* const array = std::get_if<json::Value::Array>(&member->data);
  for (const json::Value& element : array == nullptr ? json::Value::Array() : *array) {
    if (const auto* const text = std::get_if<std::string>(&element.data)) {
      texts.push_back(*text);
    }
  }
  if (array == nullptr || texts.size() < array->size()) {
    return fail(ErrorCode::kBadUserInput, fmt::format("{} must be an array of texts.", name));
  }
  return texts;
}

Result<std::string> description_of(const json::Value& body) {
  const json::Value* const member = body.member("description");
  if (member == nullptr || member->is_null()) {
    return std::string();
  }
  const auto* const text = std::get_if<std::string>(&member->data);
  return text == nullptr ? fail(ErrorCode::kBadUserInput, "description must be a text.")
                         : Result<std::string>(*text);
}

Result<auth::Restrictions> restrictions_in(const json::Value& body) {
  MATRICULA_TRY(const auto networks, texts_of(body, "networks"));
  MATRICULA_TRY(const auto endpoints, texts_of(body, "endpoints"));
  return auth::parse_restrictions(networks, endpoints);
}

// Restrictions that replace others. What is left out is not taken for "none", which would lift
// them.
Result<auth::Restrictions> whole_restrictions_in(const json::Value& body) {
  for (const std::string_view name : {"networks", "endpoints"}) {
    const json::Value* const member = body.member(name);
    if (member == nullptr || member->is_null()) {
      return fail(ErrorCode::kBadUserInput,
                  fmt::format("The body has no \"{}\": send both \"networks\" and \"endpoints\", "
                              "[] for no restriction.",
                              name));
    }
  }
  return restrictions_in(body);
}

Result<auth::CreateClientCredential> creation_in(const json::Value& body,
                                                 const auth::Company& company) {
  auth::CreateClientCredential input;
  MATRICULA_TRY(input.company_ids, texts_of(body, "companyIds"));
  MATRICULA_TRY(input.description, description_of(body));
  MATRICULA_TRY(input.restrictions, restrictions_in(body));
  if (input.company_ids.empty()) {
    input.company_ids = {company.id};
  }
  return input;
}

// The reply to a mistake of the caller; other errors are the store's and are returned.
Result<http::Response> refused(const Error& error) {
  if (error.code == ErrorCode::kBadUserInput) {
    return http::error_response(400, error.message);
  }
  if (error.code == ErrorCode::kUnauthorized) {
    return http::error_response(403, "You do not administer every company of the credential.");
  }
  return fail(error);
}

std::vector<std::string> network_texts(const auth::Restrictions& restrictions) {
  std::vector<std::string> texts;
  for (const Network& network : restrictions.networks) {
    texts.push_back(network_text(network));
  }
  return texts;
}

}  // namespace

Result<http::Response> Credentials::answer(const http::Request& request, std::string_view rest,
                                           const auth::Company& company, const auth::Caller& caller,
                                           storage::Session& reader) const {
  if (!rest.empty() && !rest.starts_with('/')) {
    return nothing_here();
  }
  const std::size_t slash = rest.rfind('/');
  const std::string_view verb = rest.empty() ? rest : rest.substr(slash + 1);
  const std::string_view id = rest.empty() || slash == 0 ? "" : rest.substr(1, slash - 1);
  if (!rest.empty() && (id.empty() || (verb != "restrictions" && verb != "withdraw"))) {
    return nothing_here();
  }
  if (request.method != http::Method::kPost) {
    return http::method_not_allowed("POST", "Use POST.");
  }
  if (rest.empty()) {
    return create(request, company, caller);
  }
  if (verb == "withdraw") {
    return withdraw(request, id, company, caller);
  }
  const auto uuid = auth::parse_uuid(id);
  MATRICULA_TRY(const auto ids, auth::credential_ids_of(reader, std::span(&company.id, 1)));
  if (!uuid || std::ranges::find(ids, *uuid) == ids.end()) {
    return nothing_here();
  }
  return restrict(request, id, caller);
}

Result<http::Response> Credentials::create(const http::Request& request,
                                           const auth::Company& company,
                                           const auth::Caller& caller) const {
  Body body = read_body(request, {"description", "companyIds", "networks", "endpoints"});
  if (!body) {
    return std::move(body.error());
  }
  const auto input = creation_in(*body, company);
  if (!input) {
    return refused(input.error());
  }
  const auto made = service_.create(*input, caller);
  if (!made) {
    return refused(made.error());
  }
  http::Response response =
      http::json_response(200, json::ObjectText()
                                   .text("clientId", made->client_id)
                                   .text("clientSecret", made->client_secret)
                                   .text("id", made->credential.id)
                                   .raw("companyIds", json::text_list(made->credential.company_ids))
                                   .take());
  // A secret beside text that a client chose must not be compressed (BREACH).
  response.compress = false;
  return response;
}

Result<http::Response> Credentials::restrict(const http::Request& request, std::string_view id,
                                             const auth::Caller& caller) const {
  Body body = read_body(request, {"networks", "endpoints"});
  if (!body) {
    return std::move(body.error());
  }
  const auto restrictions = whole_restrictions_in(*body);
  if (!restrictions) {
    return refused(restrictions.error());
  }
  const auto changed = service_.restrict(id, *restrictions, caller);
  return changed ? Result<http::Response>(http::Response{.status = 204}) : refused(changed.error());
}

// A credential that does not cover the company is answered as one that does not exist.
Result<http::Response> Credentials::withdraw(const http::Request& request, std::string_view id,
                                             const auth::Company& company,
                                             const auth::Caller& caller) const {
  if (auto none = read_no_body(request); !none) {
    return std::move(none.error());
  }
  const auto withdrawn = service_.withdraw(id, company.id, caller);
  if (!withdrawn && withdrawn.error().code == ErrorCode::kUnauthorized) {
    return nothing_here();
  }
  return withdrawn ? Result<http::Response>(http::Response{.status = 204})
                   : fail(withdrawn.error());
}

Result<void> Credentials::append_restrictions(std::string& out, const auth::Principal& viewer,
                                              const auth::Company& company,
                                              storage::Session& reader) const {
  MATRICULA_TRY(auto all, service_.list(reader, viewer, company.id));
  std::erase_if(all, [](const auth::ClientCredential& credential) {
    return credential.restrictions == auth::Restrictions();
  });
  append_list(out, all, [&](const auth::ClientCredential& credential) {
    out += json::ObjectText()
               .text("id", credential.id)
               .raw("networks", json::text_list(network_texts(credential.restrictions)))
               .raw("endpoints", json::text_list(credential.restrictions.endpoints))
               .take();
  });
  return {};
}

}  // namespace matricula::portal
