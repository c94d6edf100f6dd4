#include "auth/access/token_rows.h"

#include <algorithm>

#include "auth/schema/store.h"

namespace matricula::auth {
namespace {

const storage::Statement kInsertToken(
    "INSERT INTO api_tokens(id, digest, redacted, description, created_by, created_at, updated_at,"
    " expires_at, credential_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8)");
const storage::Statement kInsertScope(
    "INSERT INTO token_scopes(id, token_id, scope_type, scope_key, created_at)"
    " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING");
const storage::Statement kEndScope(
    "UPDATE token_scopes SET deleted_at = ?3 WHERE id = ?1 AND token_id = ?2"
    " AND deleted_at IS NULL");
const storage::Statement kInsertAction(
    "INSERT INTO token_scope_actions(id, token_id, scope_id, updated_by, updated_at, action)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
const storage::Statement kTouchToken("UPDATE api_tokens SET updated_at = ?2 WHERE id = ?1");
const storage::Statement kToken(
    "SELECT redacted, description, created_by, created_at, updated_at, expires_at, revoked_at,"
    " credential_id, last_used_at FROM api_tokens WHERE id = ?1");
const storage::Statement kScopes(
    "SELECT id, scope_type, scope_key, created_at, deleted_at FROM token_scopes"
    " WHERE token_id = ?1 ORDER BY number");
const storage::Statement kActions(
    "SELECT id, scope_id, updated_by, updated_at, action FROM token_scope_actions"
    " WHERE token_id = ?1 ORDER BY number");
const storage::Statement kIdsOfMaker(
    "SELECT id FROM api_tokens WHERE created_by = ?1 AND credential_id IS NULL"
    " ORDER BY number DESC");
const storage::Statement kIds(
    "SELECT id FROM api_tokens WHERE credential_id IS NULL OR expires_at > ?1"
    " ORDER BY number DESC");
const storage::Statement kLiveOfMaker(
    "SELECT COUNT(*) FROM (SELECT 1 FROM api_tokens WHERE created_by = ?1 AND credential_id IS NULL"
    " AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?2) LIMIT ?3) AS live");
// Tokens of credentials always expire.
const storage::Statement kLiveOfCredential(
    "SELECT COUNT(*) FROM (SELECT 1 FROM api_tokens WHERE credential_id = ?1"
    " AND credential_id IS NOT NULL AND revoked_at IS NULL AND expires_at > ?2 LIMIT ?3) AS live");
const storage::Statement kRevoke(
    "UPDATE api_tokens SET revoked_at = ?2, updated_at = ?2 WHERE id = ?1 AND revoked_at IS NULL");

std::string id_text(const storage::Rows& rows, unsigned column) {
  return uuid_text(uuid_of(rows.bytes(column)));
}

Result<void> write_action(storage::Session& transaction, const Uuid& token_id, const Uuid& scope_id,
                          const Uuid& by, Timestamp now, std::string_view action) {
  const Uuid id = new_uuid();
  MATRICULA_CHECK(run(transaction, kInsertAction,
                      {id.bytes(), token_id.bytes(), scope_id.bytes(), by.bytes(), now, action}));
  MATRICULA_CHECK(run(transaction, kTouchToken, {token_id.bytes(), now}));
  return {};
}

Result<std::vector<TokenScope>> read_scopes(storage::Session& session, const Uuid& token_id) {
  std::vector<TokenScope> scopes;
  MATRICULA_CHECK(each_row(session, kScopes, {token_id.bytes()}, [&](const storage::Rows& rows) {
    scopes.push_back({.id = id_text(rows, 0),
                      .token_id = uuid_text(token_id),
                      .scope_type = parse_scope_type(rows.text(1)).value_or(ScopeType::kCompany),
                      .scope_key = text_of(rows, 2),
                      .created_at = rows.integer(3),
                      .deleted_at = optional_time(rows, 4)});
  }));
  return scopes;
}

Result<std::int64_t> read_count(storage::Session& session, const storage::Statement& statement,
                                const Uuid& id, Timestamp now, std::int64_t count_max) {
  std::int64_t count = 0;
  MATRICULA_CHECK(each_row(session, statement, {id.bytes(), now, count_max},
                           [&](const storage::Rows& rows) { count = rows.integer(0); }));
  return count;
}

}  // namespace

Result<void> insert_token(storage::Session& transaction, const TokenInsert& token) {
  const storage::Bind credential =
      token.credential_id ? storage::Bind(token.credential_id->bytes()) : storage::Bind();
  MATRICULA_CHECK(run(
      transaction, kInsertToken,
      {token.id.bytes(), token.digest, token.redacted, token.description, token.created_by.bytes(),
       token.created_at, bind_optional(token.expires_at), credential}));
  return {};
}

Result<void> insert_scope(storage::Session& transaction, const Uuid& token_id, const Scope& scope,
                          const Uuid& by, Timestamp now) {
  const Uuid id = new_uuid();
  MATRICULA_TRY(
      const std::int64_t added,
      run(transaction, kInsertScope,
          {id.bytes(), token_id.bytes(), scope_type_name(scope.type), scope.company_id, now}));
  return added == 0 ? Result<void>() : write_action(transaction, token_id, id, by, now, "ADDED");
}

Result<void> end_scope(storage::Session& transaction, const Uuid& token_id, const Uuid& scope_id,
                       const Uuid& by, Timestamp now) {
  MATRICULA_TRY(const std::int64_t ended,
                run(transaction, kEndScope, {scope_id.bytes(), token_id.bytes(), now}));
  return ended == 0 ? Result<void>()
                    : write_action(transaction, token_id, scope_id, by, now, "REMOVED");
}

Result<std::optional<Token>> read_token(storage::Session& session, const Uuid& id) {
  std::optional<Token> token;
  MATRICULA_CHECK(each_row(session, kToken, {id.bytes()}, [&](const storage::Rows& rows) {
    token = Token{.id = uuid_text(id),
                  .redacted_token = text_of(rows, 0),
                  .description = text_of(rows, 1),
                  .created_by = id_text(rows, 2),
                  .created_at = rows.integer(3),
                  .updated_at = rows.integer(4),
                  .expires_at = optional_time(rows, 5),
                  .revoked_at = optional_time(rows, 6),
                  .last_used_at = optional_time(rows, 8)};
    if (!rows.is_null(7)) {
      token->credential_id = id_text(rows, 7);
    }
  }));
  if (!token) {
    return token;
  }
  MATRICULA_TRY(const std::vector<TokenScope> scopes, read_scopes(session, id));
  for (const TokenScope& scope : scopes) {
    if (!scope.deleted_at) {
      token->scopes.push_back(scope);
    }
  }
  MATRICULA_CHECK(each_row(session, kActions, {id.bytes()}, [&](const storage::Rows& rows) {
    const std::string scope_id = id_text(rows, 1);
    const auto scope = std::find_if(scopes.begin(), scopes.end(),
                                    [&](const TokenScope& one) { return one.id == scope_id; });
    token->scopes_history.push_back(
        {.id = id_text(rows, 0),
         .token_id = uuid_text(id),
         .scope_id = scope_id,
         .updated_by = id_text(rows, 2),
         .updated_at = rows.integer(3),
         .action = rows.text(4) == "ADDED" ? ScopeActionType::kAdded : ScopeActionType::kRemoved,
         .scope = scope == scopes.end() ? TokenScope{} : *scope});
  }));
  return token;
}

std::vector<std::string> companies_of(const Token& token) {
  std::vector<std::string> companies;
  for (const TokenScope& scope : token.scopes) {
    companies.push_back(scope.scope_key);
  }
  return companies;
}

Result<std::vector<Uuid>> token_ids_of_maker(storage::Session& session, const Uuid& user_id) {
  return read_ids(session, kIdsOfMaker, {user_id.bytes()});
}

Result<std::vector<Uuid>> token_ids(storage::Session& session, Timestamp now) {
  return read_ids(session, kIds, {now});
}

Result<std::int64_t> live_tokens_of_maker(storage::Session& session, const Uuid& user_id,
                                          Timestamp now, std::int64_t count_max) {
  return read_count(session, kLiveOfMaker, user_id, now, count_max);
}

Result<std::int64_t> live_tokens_of_credential(storage::Session& session, const Uuid& credential_id,
                                               Timestamp now, std::int64_t count_max) {
  return read_count(session, kLiveOfCredential, credential_id, now, count_max);
}

Result<std::int64_t> revoke_token(storage::Session& transaction, const Uuid& id, Timestamp now) {
  return run(transaction, kRevoke, {id.bytes(), now});
}

}  // namespace matricula::auth
