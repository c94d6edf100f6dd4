#include "cli/access_text.h"

#include <optional>

#include "base/time_text.h"
#include "json/object_text.h"
#include "json/writer.h"

namespace matricula::cli {

using json::ObjectText;

std::string user_text(const auth::User& user) {
  std::vector<std::string> companies;
  for (const auth::Company& company : user.admin_of) {
    companies.push_back(company.id);
  }
  return ObjectText()
      .text("id", user.id)
      .text("email", user.email)
      .text("firstName", user.first_name)
      .text("lastName", user.last_name)
      .boolean("isStaff", user.is_staff)
      .boolean("hasPassword", user.has_password)
      .raw("adminOf", json::text_list(companies))
      .take();
}

std::string credential_text(const auth::ClientCredential& credential) {
  std::vector<std::string> networks;
  for (const Network& network : credential.restrictions.networks) {
    networks.push_back(network_text(network));
  }
  return ObjectText()
      .text("id", credential.id)
      .text("clientId", credential.client_id)
      .text("redactedSecret", credential.redacted_secret)
      .text("description", credential.description)
      .raw("companyIds", json::text_list(credential.company_ids))
      .text("createdBy", credential.created_by)
      .time("createdAt", credential.created_at)
      .time("lastUsedAt", credential.last_used_at)
      .time("previousSecretExpiresAt", credential.previous_secret_expires_at)
      .time("revokedAt", credential.revoked_at)
      .raw("networks", json::text_list(networks))
      .raw("endpoints", json::text_list(credential.restrictions.endpoints))
      .take();
}

std::string new_credential_text(const auth::NewClientCredential& credential) {
  return ObjectText()
      .text("clientId", credential.client_id)
      .text("clientSecret", credential.client_secret)
      .text("id", credential.credential.id)
      .take();
}

std::string token_text(const auth::Token& token) {
  std::vector<std::string> scopes;
  for (const auth::TokenScope& scope : token.scopes) {
    scopes.push_back(std::string(auth::scope_type_name(scope.scope_type)) + ":" + scope.scope_key);
  }
  return ObjectText()
      .text("id", token.id)
      .text("redactedToken", token.redacted_token)
      .text("description", token.description)
      .text("createdBy", token.created_by)
      .optional_text("credentialId", token.credential_id)
      .raw("scopes", json::text_list(scopes))
      .time("createdAt", token.created_at)
      .time("expiresAt", token.expires_at)
      .time("revokedAt", token.revoked_at)
      .time("lastUsedAt", token.last_used_at)
      .take();
}

std::string new_token_text(const auth::NewToken& token) {
  return ObjectText()
      .text("token", token.unredacted_token)
      .text("id", token.token.id)
      .time("expiresAt", token.token.expires_at)
      .take();
}

std::string day_text(const auth::DayOfUse& day) {
  return ObjectText()
      .text("day", time_text(day.day).substr(0, 10))
      .integer("uses", day.uses)
      .take();
}

std::string company_text(const auth::Company& company) {
  return ObjectText()
      .text("id", company.id)
      .text("slug", company.slug)
      .text("name", company.name)
      .take();
}

std::string limit_text(const auth::LimitOverride& limit) {
  return ObjectText()
      .text("subject", limit.subject == auth::LimitSubject::kCompany ? "company" : "credential")
      .text("id", limit.id)
      .integer("limit", limit.limit)
      .take();
}

std::string audit_text(const auth::AuditRow& row) {
  return ObjectText()
      .integer("number", row.number)
      .time("at", row.at)
      .text("actorKind", row.actor_kind)
      .text("actorId", row.actor_id)
      .text("address", row.address)
      .text("action", row.action)
      .text("target", row.target)
      .text("detail", row.detail)
      .raw("companies", json::text_list(row.companies))
      .boolean("refused", row.refused)
      .integer("attempts", row.attempts)
      .time("lastAt", row.last_at)
      .take();
}

}  // namespace matricula::cli
