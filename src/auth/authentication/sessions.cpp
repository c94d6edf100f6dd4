#include "auth/authentication/sessions.h"

#include "auth/authentication/roles.h"
#include "auth/schema/store.h"
#include "base/text.h"

namespace matricula::auth {
namespace {

const storage::Statement kInsert(
    "INSERT INTO sessions(id, digest, user_id, created_at, expires_at)"
    " VALUES (?1, ?2, ?3, ?4, ?5)");
const storage::Statement kDropExpired("DELETE FROM sessions WHERE expires_at <= ?1");
const storage::Statement kDropOldest(
    "DELETE FROM sessions WHERE user_id = ?1 AND id NOT IN"
    " (SELECT id FROM sessions WHERE user_id = ?1 ORDER BY created_at DESC, id LIMIT ?2)");
const storage::Statement kEnd("DELETE FROM sessions WHERE id = ?1");
const storage::Statement kEndOfUser("DELETE FROM sessions WHERE user_id = ?1");
const storage::Statement kById(
    "SELECT id, user_id FROM sessions WHERE id = ?1 AND expires_at > ?2");
const storage::Statement kByDigest(
    "SELECT id, user_id FROM sessions WHERE digest = ?1 AND expires_at > ?2");

std::string csrf_text(const Digest& digest) {
  return to_base64url({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

Result<std::shared_ptr<const Principal>> with_roles(storage::Session& reader, Principal principal) {
  MATRICULA_TRY(Roles roles, read_roles(reader, principal.user_id));
  principal.is_staff = roles.is_staff;
  principal.admin_of = std::move(roles.admin_of);
  principal.identity =
      ratelimit::identity_of(ratelimit::IdentityKind::kUser, uuid_text(principal.user_id));
  return std::make_shared<const Principal>(std::move(principal));
}

Result<std::shared_ptr<const Principal>> read(storage::Session& reader,
                                              const storage::Statement& statement,
                                              storage::Bytes key, Timestamp now) {
  Principal principal{.kind = PrincipalKind::kUser};
  bool found = false;
  MATRICULA_CHECK(each_row(reader, statement, {key, now}, [&](const storage::Rows& rows) {
    found = true;
    principal.session_id = uuid_of(rows.bytes(0));
    principal.user_id = uuid_of(rows.bytes(1));
  }));
  if (!found) {
    return std::shared_ptr<const Principal>();
  }
  return with_roles(reader, std::move(principal));
}

}  // namespace

std::string csrf_token(const Secrets& secrets, std::string_view session_cookie) {
  return csrf_text(secrets.digest(DigestKind::kCsrf, session_cookie));
}

bool is_csrf_token(const Secrets& secrets, std::string_view session_cookie,
                   std::string_view csrf_token) {
  std::string bytes;
  return from_base64url(csrf_token, bytes) &&
         equal(secrets.digest(DigestKind::kCsrf, session_cookie),
               std::as_bytes(std::span(bytes.data(), bytes.size())));
}

Result<void> insert_session(storage::Session& transaction, const SessionInsert& session) {
  MATRICULA_CHECK(run(transaction, kDropExpired, {session.created_at}));
  MATRICULA_CHECK(run(transaction, kDropOldest, {session.user_id.bytes(), kSessionsOfUserMax - 1}));
  MATRICULA_CHECK(run(transaction, kInsert,
                      {session.id.bytes(), storage::Bytes(session.digest), session.user_id.bytes(),
                       session.created_at, session.expires_at}));
  return {};
}

Result<void> end_session(storage::Session& transaction, const Uuid& id) {
  MATRICULA_CHECK(run(transaction, kEnd, {id.bytes()}));
  return {};
}

Result<void> end_sessions_of(storage::Session& transaction, const Uuid& user_id) {
  MATRICULA_CHECK(run(transaction, kEndOfUser, {user_id.bytes()}));
  return {};
}

Result<std::shared_ptr<const Principal>> person_principal(storage::Session& reader,
                                                          const Uuid& user_id) {
  return with_roles(reader, {.kind = PrincipalKind::kUser, .user_id = user_id});
}

Result<std::shared_ptr<const Principal>> session_principal(storage::Session& reader,
                                                           const Uuid& session_id, Timestamp now) {
  return read(reader, kById, session_id.bytes(), now);
}

Result<std::shared_ptr<const Principal>> session_principal(storage::Session& reader,
                                                           const Digest& digest, Timestamp now) {
  return read(reader, kByDigest, digest, now);
}

}  // namespace matricula::auth
