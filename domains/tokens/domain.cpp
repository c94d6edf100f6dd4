#include "base/assert.h"
#include "domains/domains.h"
#include "domains/tokens/views.h"

namespace matricula::domains::tokens {
namespace {

using execution::argument;
using execution::Arguments;
using graphql::Input;

// A member of the argument `input`, or an argument of its own; null when absent or null.
const Input* given(const Arguments& arguments, std::string_view name) {
  const Input* input = argument(arguments, "input");
  const Input* value = input == nullptr ? argument(arguments, name) : input->field(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

// Of arguments that the schema makes non-null.
const std::string& text(const Arguments& arguments, std::string_view name) {
  const Input* value = given(arguments, name);
  MATRICULA_ASSERT(value != nullptr);
  return std::get<std::string>(value->value);
}

std::optional<std::string> optional_text(const Arguments& arguments, std::string_view name) {
  const Input* value = given(arguments, name);
  return value == nullptr ? std::nullopt : std::optional(std::get<std::string>(value->value));
}

Result<std::string> list_tokens(const CommandCall& call, const Arguments&) {
  MATRICULA_TRY(const auto tokens, call.services.tokens.list(call.reader, call.caller.principal));
  return tokens_json(tokens);
}

Result<std::string> list_credentials(const CommandCall& call, const Arguments& arguments) {
  const auto company = optional_text(arguments, "companyId");
  MATRICULA_TRY(const auto credentials,
                call.services.credentials.list(call.reader, call.caller.principal, company));
  return credentials_json(credentials);
}

Result<std::string> me(const CommandCall& call, const Arguments&) {
  MATRICULA_TRY(const auth::User user, call.services.users.me(call.reader, call.caller.principal));
  return user_json(user);
}

Result<std::string> generate_token(const CommandCall& call, const Arguments& arguments) {
  MATRICULA_TRY(const auth::NewToken token,
                call.services.tokens.generate(call.reader,
                                              {.client_id = text(arguments, "clientId"),
                                               .client_secret = text(arguments, "clientSecret"),
                                               .company_id = optional_text(arguments, "companyId")},
                                              call.caller));
  return new_token_json(token);
}

Result<std::string> create_token(const CommandCall& call, const Arguments& arguments) {
  auth::CreateToken input{.description = text(arguments, "description")};
  // An explicit null asks for a token that never expires; without the member the default holds.
  const Input* expires_at = argument(arguments, "input")->field("expiresAt");
  if (expires_at != nullptr && expires_at->is_null()) {
    input.never_expires = true;
  } else if (expires_at != nullptr) {
    input.expires_at = std::get<Input::Time>(expires_at->value).micros;
  }
  if (auto company = optional_text(arguments, "companyId")) {
    input.company_ids.push_back(std::move(*company));
  }
  MATRICULA_TRY(const auth::NewToken token, call.services.tokens.create(input, call.caller));
  return new_token_json(token);
}

Result<std::string> revoke_token(const CommandCall& call, const Arguments& arguments) {
  MATRICULA_CHECK(call.services.tokens.revoke(text(arguments, "tokenId"), call.caller));
  return "true";
}

Result<std::string> add_token_scope(const CommandCall& call, const Arguments& arguments) {
  const Input* type = given(arguments, "scopeType");
  MATRICULA_ASSERT(type != nullptr);
  const auto scope_type = auth::parse_scope_type(std::get<Input::EnumName>(type->value).name);
  MATRICULA_ASSERT(scope_type.has_value());
  MATRICULA_TRY(const auth::Token token,
                call.services.tokens.add_scope(text(arguments, "tokenId"), *scope_type,
                                               text(arguments, "scopeKey"), call.caller));
  return token_json(token);
}

Result<std::string> remove_token_scope(const CommandCall& call, const Arguments& arguments) {
  MATRICULA_TRY(const auth::Token token,
                call.services.tokens.remove_scope(text(arguments, "tokenId"),
                                                  text(arguments, "scopeId"), call.caller));
  return token_json(token);
}

Result<std::string> create_credential(const CommandCall& call, const Arguments& arguments) {
  auth::CreateClientCredential input;
  const Input* companies = given(arguments, "companyIds");
  MATRICULA_ASSERT(companies != nullptr);
  for (const Input& company : std::get<Input::List>(companies->value)) {
    input.company_ids.push_back(std::get<std::string>(company.value));
  }
  input.description = optional_text(arguments, "description").value_or("");
  MATRICULA_TRY(const auth::NewClientCredential credential,
                call.services.credentials.create(input, call.caller));
  return new_credential_json(credential);
}

Result<std::string> rotate_credential(const CommandCall& call, const Arguments& arguments) {
  const Input* overlap = given(arguments, "overlapSeconds");
  MATRICULA_TRY(const auth::NewClientCredential credential,
                call.services.credentials.rotate(
                    text(arguments, "credentialId"),
                    overlap == nullptr ? 0 : std::get<std::int32_t>(overlap->value), call.caller));
  return new_credential_json(credential);
}

Result<std::string> revoke_credential(const CommandCall& call, const Arguments& arguments) {
  MATRICULA_CHECK(call.services.credentials.revoke(text(arguments, "credentialId"), call.caller));
  return "true";
}

}  // namespace

Definition define() {
  Definition definition{.mapping = {.name = "tokens", .scopes = {}, .roots = {}},
                        .audience = Audience::kUser,
                        .commands = {},
                        .public_fields = {"generateToken"}};
  const auto add = [&definition](std::string_view field, Command command) {
    definition.mapping.roots.emplace_back(planning::CommandRoot{
        .field = field, .command = static_cast<unsigned>(definition.commands.size())});
    definition.commands.push_back(std::move(command));
  };
  add("tokens", list_tokens);
  add("clientCredentials", list_credentials);
  add("me", me);
  add("generateToken", generate_token);
  add("createToken", create_token);
  add("revokeToken", revoke_token);
  add("addTokenScope", add_token_scope);
  add("removeTokenScope", remove_token_scope);
  add("createClientCredential", create_credential);
  add("rotateClientCredential", rotate_credential);
  add("revokeClientCredential", revoke_credential);
  return definition;
}

}  // namespace matricula::domains::tokens
