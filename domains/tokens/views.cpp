#include "domains/tokens/views.h"

#include <optional>
#include <string_view>

#include "json/object_text.h"

namespace matricula::domains::tokens {
namespace {

using json::array_text;
using json::ObjectText;

std::string scope_json(const auth::TokenScope& scope) {
  return ObjectText()
      .text("id", scope.id)
      .text("tokenID", scope.token_id)
      .text("scopeType", auth::scope_type_name(scope.scope_type))
      .text("scopeKey", scope.scope_key)
      .integer("createdAt", scope.created_at)
      .integer("deletedAt", scope.deleted_at)
      .take();
}

std::string action_json(const auth::TokenScopeAction& action) {
  return ObjectText()
      .text("id", action.id)
      .text("tokenId", action.token_id)
      .text("scopeId", action.scope_id)
      .text("updatedBy", action.updated_by)
      .integer("updatedAt", action.updated_at)
      .text("action",
            std::string_view(action.action == auth::ScopeActionType::kAdded ? "ADDED" : "REMOVED"))
      .raw("scope", scope_json(action.scope))
      .take();
}

std::string company_json(const auth::Company& company) {
  return ObjectText()
      .text("id", company.id)
      .text("slug", company.slug)
      .text("name", company.name)
      .take();
}

}  // namespace

std::string token_json(const auth::Token& token) {
  return ObjectText()
      .text("id", token.id)
      .text("redactedToken", token.redacted_token)
      .text("description", token.description)
      .text("createdBy", token.created_by)
      .integer("createdAt", token.created_at)
      .integer("updatedAt", token.updated_at)
      .integer("expiresAt", token.expires_at)
      .integer("revokedAt", token.revoked_at)
      .optional_text("credentialId", token.credential_id)
      .integer("lastUsedAt", token.last_used_at)
      .raw("scopes", array_text(token.scopes, scope_json))
      .raw("scopesHistory", array_text(token.scopes_history, action_json))
      .take();
}

std::string tokens_json(const std::vector<auth::Token>& tokens) {
  return array_text(tokens, token_json);
}

std::string new_token_json(const auth::NewToken& token) {
  return ObjectText()
      .text("unredactedToken", token.unredacted_token)
      .raw("token", token_json(token.token))
      .integer("expiresIn", token.expires_in)
      .raw("primaryScope", token.primary_scope ? scope_json(*token.primary_scope) : "null")
      .take();
}

std::string credential_json(const auth::ClientCredential& credential) {
  return ObjectText()
      .text("id", credential.id)
      .text("clientId", credential.client_id)
      .text("redactedSecret", credential.redacted_secret)
      .text("description", credential.description)
      .raw("companyIds", json::text_list(credential.company_ids))
      .text("createdBy", credential.created_by)
      .integer("createdAt", credential.created_at)
      .integer("updatedAt", credential.updated_at)
      .integer("lastUsedAt", credential.last_used_at)
      .integer("previousSecretExpiresAt", credential.previous_secret_expires_at)
      .integer("revokedAt", credential.revoked_at)
      .take();
}

std::string credentials_json(const std::vector<auth::ClientCredential>& credentials) {
  return array_text(credentials, credential_json);
}

std::string new_credential_json(const auth::NewClientCredential& credential) {
  return ObjectText()
      .text("clientId", credential.client_id)
      .text("clientSecret", credential.client_secret)
      .raw("credential", credential_json(credential.credential))
      .take();
}

std::string user_json(const auth::User& user) {
  return ObjectText()
      .text("id", user.id)
      .text("email", user.email)
      .text("firstName", user.first_name)
      .text("lastName", user.last_name)
      .raw("isStaff", user.is_staff ? "true" : "false")
      .raw("adminOf", array_text(user.admin_of, company_json))
      .take();
}

}  // namespace matricula::domains::tokens
