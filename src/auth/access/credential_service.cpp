#include "auth/access/credential_service.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <span>

#include "auth/access/token_rows.h"
#include "auth/access/token_service.h"
#include "auth/authentication/roles.h"
#include "auth/callers/errors.h"
#include "auth/schema/directory.h"
#include "auth/schema/store.h"
#include "auth/secrets/secret_text.h"
#include "base/assert.h"

namespace matricula::auth {
namespace {

const storage::Statement kInsert(
    "INSERT INTO client_credentials(id, client_id, description, created_by, created_at, updated_at,"
    " networks, endpoints) VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7)");
const storage::Statement kRestrict(
    "UPDATE client_credentials SET networks = ?2, endpoints = ?3, updated_at = ?4 WHERE id = ?1");
const storage::Statement kInsertCompany(
    "INSERT INTO credential_companies(credential_id, company_id) VALUES (?1, ?2)");
const storage::Statement kTouch("UPDATE client_credentials SET updated_at = ?2 WHERE id = ?1");
const storage::Statement kRevoke(
    "UPDATE client_credentials SET revoked_at = ?2, updated_at = ?2 WHERE id = ?1");
const storage::Statement kRevokeTokens(
    "UPDATE api_tokens SET revoked_at = ?2, updated_at = ?2"
    " WHERE credential_id = ?1 AND credential_id IS NOT NULL AND " +
    is_live_of_credential("?2"));
const storage::Statement kDropCompany(
    "DELETE FROM credential_companies WHERE credential_id = ?1 AND company_id = ?2");
const storage::Statement kLiveTokensOfCompany(
    "SELECT t.id FROM api_tokens AS t JOIN token_scopes AS s ON s.token_id = t.id"
    " AND s.scope_key = ?2 AND s.deleted_at IS NULL WHERE t.credential_id = ?1"
    " AND t.credential_id IS NOT NULL AND " +
    is_live_of_credential("?3", "t."));

// Without history: what has expired by this clock, which may be ahead of others, is not read again.
const storage::Statement kEndScopesOfExpired(
    "UPDATE token_scopes SET deleted_at = ?3 WHERE scope_key = ?2 AND deleted_at IS NULL"
    " AND token_id IN (SELECT id FROM api_tokens WHERE credential_id = ?1"
    " AND credential_id IS NOT NULL AND expires_at <= ?3)");

bool administers_all(const Principal& principal, const std::vector<std::string>& companies) {
  return (principal.has_staff_rights() || !companies.empty()) &&
         std::all_of(companies.begin(), companies.end(),
                     [&](const std::string& id) { return principal.administers(id); });
}

Result<void> check_input(const CreateClientCredential& input) {
  if (input.company_ids.empty()) {
    return fail(ErrorCode::kBadUserInput, "companyIds must name at least one company.");
  }
  if (input.company_ids.size() > kCredentialCompaniesMax) {
    return fail(ErrorCode::kBadUserInput,
                fmt::format("companyIds may name at most {} companies.", kCredentialCompaniesMax));
  }
  return check_description(input.description);
}

// The credential, if the caller may change it.
Result<ClientCredential> changeable(storage::Session& session, const std::optional<Uuid>& id,
                                    const Principal& principal, Timestamp now) {
  if (!id) {
    return fail(not_authorized());
  }
  MATRICULA_TRY(auto credential, read_credential(session, *id, now));
  MATRICULA_TRY(const Principal current, with_current_roles(session, principal));
  if (!credential || !administers_all(current, credential->company_ids)) {
    return fail(not_authorized());
  }
  return std::move(*credential);
}

Result<void> revoke_credential(storage::Session& session, const Uuid& id, Timestamp now) {
  MATRICULA_CHECK(run(session, kRevoke, {id.bytes(), now}));
  MATRICULA_CHECK(run(session, kRevokeTokens, {id.bytes(), now}));
  return {};
}

// Ends what the credential's tokens may read of the company.
Result<void> end_tokens_for(storage::Session& session, const Uuid& credential_id,
                            std::string_view company_id, const Uuid& author, Timestamp now) {
  MATRICULA_TRY(const std::vector<Uuid> ids,
                read_ids(session, kLiveTokensOfCompany, {credential_id.bytes(), company_id, now}));
  for (const Uuid& id : ids) {
    MATRICULA_TRY(const auto token, read_token(session, id));
    MATRICULA_ASSERT(token.has_value());
    const auto is_of_company = [&](const TokenScope& scope) {
      return scope.scope_key == company_id;
    };
    if (std::all_of(token->scopes.begin(), token->scopes.end(), is_of_company)) {
      MATRICULA_CHECK(revoke_token(session, id, now));
      continue;
    }
    for (const TokenScope& scope : token->scopes) {
      if (is_of_company(scope)) {
        MATRICULA_CHECK(end_scope(session, id, *parse_uuid(scope.id), author, now));
      }
    }
  }
  MATRICULA_CHECK(run(session, kEndScopesOfExpired, {credential_id.bytes(), company_id, now}));
  return {};
}

// Removes what the principal may not know: companies that it does not administer and, where the
// credential covers several, the use for other companies than the one asked for. False when nothing
// is left to show.
bool limit_to(const Principal& principal, std::optional<std::string_view> company_id,
              const std::multimap<std::string, CompanyUse>& uses, ClientCredential& credential) {
  const std::size_t covered = credential.company_ids.size();
  std::erase_if(credential.company_ids,
                [&](const std::string& id) { return !principal.administers(id); });
  const std::vector<std::string>& shown = credential.company_ids;
  if (shown.size() < covered || (company_id && covered > 1)) {
    credential.last_used_at.reset();
    const auto [first, last] = uses.equal_range(credential.id);
    for (auto use = first; use != last; ++use) {
      const std::string& company = use->second.company_id;
      if (company_id ? company == *company_id : std::ranges::find(shown, company) != shown.end()) {
        credential.last_used_at =
            std::max(credential.last_used_at, std::optional(use->second.last_used_at));
      }
    }
  }
  return !shown.empty() || principal.has_staff_rights();
}

}  // namespace

Result<NewClientCredential> CredentialService::create(const CreateClientCredential& input,
                                                      const Caller& caller) {
  MATRICULA_CHECK(check_input(input));
  const std::set<std::string> unique(input.company_ids.begin(), input.company_ids.end());
  const std::vector<std::string> companies(unique.begin(), unique.end());
  if (!administers_all(caller.principal, companies)) {
    return refusals_.refuse(caller, {.action = "credential.create", .companies = companies});
  }
  const Uuid id = new_uuid();
  const Timestamp now = clock_.now();
  NewClientCredential made{
      .client_id = new_client_id(), .client_secret = new_client_secret(), .credential = {}};
  const Uuid author = author_of(caller.principal);
  const Digest digest = secrets_.digest(DigestKind::kClientSecret, made.client_secret);
  const std::string networks = networks_column(input.restrictions);
  const std::string endpoints = endpoints_column(input.restrictions);
  const AuditEvent event{
      .action = "credential.create", .target = uuid_text(id), .companies = companies};
  auto written =
      database_.write_access(caller.write_until, [&](storage::Session& session) -> Result<void> {
        MATRICULA_TRY(const Principal principal, with_current_roles(session, caller.principal));
        if (!administers_all(principal, companies)) {
          return fail(not_authorized());
        }
        MATRICULA_CHECK(require_companies(session, companies));
        MATRICULA_CHECK(run(session, kInsert,
                            {id.bytes(), made.client_id, input.description, author.bytes(), now,
                             networks, endpoints}));
        for (const std::string& company : companies) {
          MATRICULA_CHECK(run(session, kInsertCompany, {id.bytes(), company}));
        }
        const std::string tail = client_secret_tail(made.client_secret);
        MATRICULA_CHECK(add_secret(session, id, digest, tail, now, {}));
        MATRICULA_CHECK(write_audit(session, audit_row(caller, event, now)));
        MATRICULA_TRY(auto credential, read_credential(session, id, now));
        MATRICULA_ASSERT(credential.has_value());
        made.credential = std::move(*credential);
        return {};
      });
  MATRICULA_CHECK(refusals_.note(std::move(written), caller, event));
  return made;
}

Result<NewClientCredential> CredentialService::rotate(std::string_view credential_id,
                                                      std::int64_t overlap_seconds,
                                                      const Caller& caller) {
  if (overlap_seconds < 0 || overlap_seconds > kOverlapSecondsMax) {
    return fail(ErrorCode::kBadUserInput,
                fmt::format("overlapSeconds must be from 0 to {}.", kOverlapSecondsMax));
  }
  const std::optional<Uuid> id = parse_uuid(credential_id);
  const Timestamp now = clock_.now();
  const std::optional<Timestamp> previous_ends_at =
      overlap_seconds == 0 ? std::nullopt : std::optional(now + overlap_seconds * kMicrosPerSecond);
  NewClientCredential made{.client_id = {}, .client_secret = new_client_secret(), .credential = {}};
  const Digest digest = secrets_.digest(DigestKind::kClientSecret, made.client_secret);
  AuditEvent event{.action = "credential.rotate",
                   .target = id ? uuid_text(*id) : std::string(),
                   .detail = "overlap " + std::to_string(overlap_seconds) + " s"};
  auto written =
      database_.write_access(caller.write_until, [&](storage::Session& session) -> Result<void> {
        MATRICULA_TRY(const ClientCredential before,
                      changeable(session, id, caller.principal, now));
        event.companies = before.company_ids;
        if (before.revoked_at) {
          return fail(ErrorCode::kBadUserInput, "The credential is revoked.");
        }
        const std::string tail = client_secret_tail(made.client_secret);
        MATRICULA_CHECK(add_secret(session, *id, digest, tail, now, previous_ends_at));
        MATRICULA_CHECK(run(session, kTouch, {id->bytes(), now}));
        MATRICULA_CHECK(write_audit(session, audit_row(caller, event, now)));
        MATRICULA_TRY(auto credential, read_credential(session, *id, now));
        MATRICULA_ASSERT(credential.has_value());
        made.credential = std::move(*credential);
        made.client_id = made.credential.client_id;
        return {};
      });
  MATRICULA_CHECK(refusals_.note(std::move(written), caller, event));
  return made;
}

Result<void> CredentialService::revoke(std::string_view credential_id, const Caller& caller) {
  const std::optional<Uuid> id = parse_uuid(credential_id);
  const Timestamp now = clock_.now();
  AuditEvent event{.action = "credential.revoke", .target = id ? uuid_text(*id) : std::string()};
  auto written =
      database_.write_access(caller.write_until, [&](storage::Session& session) -> Result<void> {
        MATRICULA_TRY(const ClientCredential before,
                      changeable(session, id, caller.principal, now));
        event.companies = before.company_ids;
        if (before.revoked_at) {
          return {};
        }
        MATRICULA_CHECK(revoke_credential(session, *id, now));
        return write_audit(session, audit_row(caller, event, now));
      });
  return refusals_.note(std::move(written), caller, event);
}

Result<void> CredentialService::withdraw(std::string_view credential_id,
                                         std::string_view company_id, const Caller& caller) {
  const std::optional<Uuid> id = parse_uuid(credential_id);
  const Timestamp now = clock_.now();
  const AuditEvent event{.action = "credential.withdraw",
                         .target = id ? uuid_text(*id) : std::string(),
                         .companies = {std::string(company_id)}};
  auto written =
      database_.write_access(caller.write_until, [&](storage::Session& session) -> Result<void> {
        if (!id) {
          return fail(not_authorized());
        }
        MATRICULA_TRY(const auto credential, read_credential(session, *id, now));
        MATRICULA_TRY(const Principal principal, with_current_roles(session, caller.principal));
        if (!credential || !principal.administers(company_id) ||
            std::find(credential->company_ids.begin(), credential->company_ids.end(), company_id) ==
                credential->company_ids.end()) {
          return fail(not_authorized());
        }
        if (credential->company_ids.size() > 1) {
          MATRICULA_CHECK(run(session, kDropCompany, {id->bytes(), company_id}));
          MATRICULA_CHECK(run(session, kTouch, {id->bytes(), now}));
          MATRICULA_CHECK(end_tokens_for(session, *id, company_id, author_of(principal), now));
        } else if (!credential->revoked_at) {
          MATRICULA_CHECK(revoke_credential(session, *id, now));
        } else {
          return {};
        }
        return write_audit(session, audit_row(caller, event, now));
      });
  return refusals_.note(std::move(written), caller, event);
}

Result<ClientCredential> CredentialService::restrict(std::string_view credential_id,
                                                     const Restrictions& restrictions,
                                                     const Caller& caller) {
  const std::optional<Uuid> id = parse_uuid(credential_id);
  const Timestamp now = clock_.now();
  const std::string networks = networks_column(restrictions);
  const std::string endpoints = endpoints_column(restrictions);
  AuditEvent event{.action = "credential.restrict",
                   .target = id ? uuid_text(*id) : std::string(),
                   .detail = "networks [" + networks + "], endpoints [" + endpoints + "]"};
  ClientCredential changed;
  auto written =
      database_.write_access(caller.write_until, [&](storage::Session& session) -> Result<void> {
        MATRICULA_TRY(const ClientCredential before,
                      changeable(session, id, caller.principal, now));
        event.companies = before.company_ids;
        MATRICULA_CHECK(run(session, kRestrict, {id->bytes(), networks, endpoints, now}));
        MATRICULA_CHECK(write_audit(session, audit_row(caller, event, now)));
        MATRICULA_TRY(auto credential, read_credential(session, *id, now));
        MATRICULA_ASSERT(credential.has_value());
        changed = std::move(*credential);
        return {};
      });
  MATRICULA_CHECK(refusals_.note(std::move(written), caller, event));
  return changed;
}

Result<std::vector<ClientCredential>> CredentialService::list(
    storage::Session& reader, const Principal& principal,
    std::optional<std::string_view> company_id) {
  if (company_id && !principal.administers(*company_id)) {
    return fail(not_authorized());
  }
  std::vector<Uuid> ids;
  if (company_id) {
    const std::string company(*company_id);
    MATRICULA_TRY(ids, credential_ids_of(reader, std::span(&company, 1)));
  } else if (principal.has_staff_rights()) {
    MATRICULA_TRY(ids, credential_ids(reader));
  } else {
    MATRICULA_TRY(ids, credential_ids_of(reader, principal.admin_of));
  }
  MATRICULA_TRY(auto credentials, read_credentials(reader, ids, clock_.now()));
  MATRICULA_TRY(const auto uses, read_company_uses(reader, ids));
  std::vector<ClientCredential> found;
  for (ClientCredential& credential : credentials) {
    if (limit_to(principal, company_id, uses, credential)) {
      found.push_back(std::move(credential));
    }
  }
  return found;
}

}  // namespace matricula::auth
