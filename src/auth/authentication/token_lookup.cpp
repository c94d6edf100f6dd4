#include "auth/authentication/token_lookup.h"

#include <algorithm>

#include "auth/schema/store.h"
#include "storage/snapshot.h"

namespace matricula::auth {
namespace {

const storage::Statement kToken(
    "SELECT id, created_by, credential_id, expires_at, revoked_at, digest FROM api_tokens"
    " WHERE digest = ?1");
const storage::Statement kScopes(
    "SELECT scope_type, scope_key FROM token_scopes"
    " WHERE token_id = ?1 AND deleted_at IS NULL ORDER BY number");
const storage::Statement kCredential(
    "SELECT networks, endpoints, revoked_at FROM client_credentials WHERE id = ?1");
const storage::Statement kLimit(
    "SELECT requests FROM limit_overrides WHERE subject = ?1 AND id = ?2");

Result<std::optional<std::uint32_t>> limit_of(storage::Session& session, std::string_view subject,
                                              std::string_view id) {
  std::optional<std::uint32_t> limit;
  MATRICULA_CHECK(each_row(session, kLimit, {subject, id}, [&](const storage::Rows& rows) {
    limit = static_cast<std::uint32_t>(rows.integer(0));
  }));
  return limit;
}

// The credential's own, else the largest of its companies, where 0 (no limit) is the largest.
Result<std::optional<std::uint32_t>> limit_of(storage::Session& session,
                                              const Principal& principal) {
  if (principal.credential_id) {
    MATRICULA_TRY(const auto own,
                  limit_of(session, "credential", uuid_text(*principal.credential_id)));
    if (own) {
      return own;
    }
  }
  std::optional<std::uint32_t> largest;
  for (const Scope& scope : principal.scopes) {
    MATRICULA_TRY(const auto limit, limit_of(session, "company", scope.company_id));
    if (limit && (!largest || *limit == 0 || (*largest != 0 && *limit > *largest))) {
      largest = limit;
    }
  }
  return largest;
}

ratelimit::Identity identity_of(const Principal& principal) {
  using ratelimit::IdentityKind;
  return principal.credential_id
             ? ratelimit::identity_of(IdentityKind::kCredential,
                                      uuid_text(*principal.credential_id))
             : ratelimit::identity_of(IdentityKind::kToken, uuid_text(principal.token_id));
}

}  // namespace

Result<std::optional<StoredToken>> read_stored_token(storage::Session& session,
                                                     const Digest& digest) {
  MATRICULA_TRY(const storage::SnapshotHandle snapshot, storage::begin_snapshot(session));
  StoredToken stored;
  Principal principal{.kind = PrincipalKind::kToken};
  bool found = false;
  MATRICULA_CHECK(
      each_row(session, kToken, {storage::Bytes(digest)}, [&](const storage::Rows& rows) {
        found = equal(digest, rows.bytes(5));
        principal.token_id = uuid_of(rows.bytes(0));
        principal.user_id = uuid_of(rows.bytes(1));
        if (!rows.is_null(2)) {
          principal.credential_id = uuid_of(rows.bytes(2));
        }
        stored.expires_at = optional_time(rows, 3);
        stored.is_revoked = !rows.is_null(4);
      }));
  if (!found) {
    return std::optional<StoredToken>();
  }
  const auto token_id = principal.token_id.bytes();
  MATRICULA_CHECK(each_row(session, kScopes, {token_id}, [&](const storage::Rows& rows) {
    if (const auto type = parse_scope_type(rows.text(0))) {
      principal.scopes.push_back({.type = *type, .company_id = text_of(rows, 1)});
    }
  }));
  if (principal.credential_id) {
    // A revocation reaches tokens that a clock which is ahead took for expired.
    MATRICULA_CHECK(each_row(session, kCredential, {principal.credential_id->bytes()},
                             [&](const storage::Rows& rows) {
                               principal.restrictions = restrictions_of(rows.text(0), rows.text(1));
                               stored.is_revoked = stored.is_revoked || !rows.is_null(2);
                             }));
  }
  MATRICULA_CHECK(read_allowance(session, principal));
  stored.principal = std::make_shared<const Principal>(std::move(principal));
  return std::optional(std::move(stored));
}

Result<void> read_allowance(storage::Session& session, Principal& principal) {
  MATRICULA_TRY(principal.limit, limit_of(session, principal));
  principal.identity = identity_of(principal);
  return {};
}

}  // namespace matricula::auth
