#include "auth/access/credential_service.h"

#include <algorithm>
#include <set>

#include "auth/access/token_service.h"
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
    " WHERE credential_id = ?1 AND revoked_at IS NULL");

constexpr std::int64_t kMicrosPerSecond = 1'000'000;

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
    return fail(ErrorCode::kBadUserInput, "companyIds may name at most 1000 companies.");
  }
  if (input.description.size() > kDescriptionBytesMax) {
    return fail(ErrorCode::kBadUserInput, "description may have at most 1000 bytes.");
  }
  return {};
}

// The credential, if the caller may change it.
Result<ClientCredential> changeable(storage::Session& session, const std::optional<Uuid>& id,
                                    const Principal& principal, Timestamp now) {
  if (!id) {
    return fail(not_authorized());
  }
  MATRICULA_TRY(auto credential, read_credential(session, *id, now));
  if (!credential || !administers_all(principal, credential->company_ids)) {
    return fail(not_authorized());
  }
  return std::move(*credential);
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
  auto written = database_.write([&](storage::Session& session) -> Result<void> {
    MATRICULA_CHECK(require_companies(session, companies));
    MATRICULA_CHECK(run(
        session, kInsert,
        {id.bytes(), made.client_id, input.description, author.bytes(), now, networks, endpoints}));
    for (const std::string& company : companies) {
      MATRICULA_CHECK(run(session, kInsertCompany, {id.bytes(), company}));
    }
    const std::string tail = client_secret_tail(made.client_secret);
    MATRICULA_CHECK(add_secret(session, id, digest, tail, now, {}));
    MATRICULA_CHECK(write_audit(
        session,
        audit_row(caller,
                  {.action = "credential.create", .target = uuid_text(id), .companies = companies},
                  now)));
    MATRICULA_TRY(auto credential, read_credential(session, id, now));
    MATRICULA_ASSERT(credential.has_value());
    made.credential = std::move(*credential);
    return {};
  });
  MATRICULA_CHECK(std::move(written));
  return made;
}

Result<NewClientCredential> CredentialService::rotate(std::string_view credential_id,
                                                      std::int64_t overlap_seconds,
                                                      const Caller& caller) {
  if (overlap_seconds < 0 || overlap_seconds > kOverlapSecondsMax) {
    return fail(ErrorCode::kBadUserInput, "overlapSeconds must be from 0 to 604800.");
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
  auto written = database_.write([&](storage::Session& session) -> Result<void> {
    MATRICULA_TRY(const ClientCredential before, changeable(session, id, caller.principal, now));
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
  auto written = database_.write([&](storage::Session& session) -> Result<void> {
    MATRICULA_TRY(const ClientCredential before, changeable(session, id, caller.principal, now));
    event.companies = before.company_ids;
    if (before.revoked_at) {
      return {};
    }
    MATRICULA_CHECK(run(session, kRevoke, {id->bytes(), now}));
    MATRICULA_CHECK(run(session, kRevokeTokens, {id->bytes(), now}));
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
  auto written = database_.write([&](storage::Session& session) -> Result<void> {
    MATRICULA_TRY(const ClientCredential before, changeable(session, id, caller.principal, now));
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
    MATRICULA_TRY(ids, credential_ids_of(reader, *company_id));
  } else {
    MATRICULA_TRY(ids, credential_ids(reader));
  }
  const Timestamp now = clock_.now();
  std::vector<ClientCredential> found;
  for (const Uuid& id : ids) {
    MATRICULA_TRY(auto credential, read_credential(reader, id, now));
    const auto visible = [&](const std::string& company) { return principal.administers(company); };
    if (credential &&
        (principal.has_staff_rights() ||
         std::any_of(credential->company_ids.begin(), credential->company_ids.end(), visible))) {
      found.push_back(std::move(*credential));
    }
  }
  return found;
}

}  // namespace matricula::auth
