#include "auth/access/token_rows.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <map>

#include "auth/schema/by_keys.h"
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
const ByKeys kTokens(
    "SELECT id, redacted, description, created_by, created_at, updated_at, expires_at, revoked_at,"
    " credential_id, last_used_at FROM api_tokens WHERE ",
    "id");
const ByKeys kScopes(
    "SELECT token_id, id, scope_type, scope_key, created_at, deleted_at FROM token_scopes WHERE ",
    "token_id", " ORDER BY number");
const ByKeys kActions(
    "SELECT token_id, id, scope_id, updated_by, updated_at, action FROM token_scope_actions WHERE ",
    "token_id", " ORDER BY number");
const storage::Statement kIdsOfMaker(
    "SELECT id FROM api_tokens WHERE created_by = ?1 AND credential_id IS NULL"
    " ORDER BY number DESC");
const storage::Statement kIds(
    "SELECT id FROM api_tokens WHERE credential_id IS NULL OR expires_at > ?1"
    " ORDER BY number DESC");
const storage::Statement kLiveOfMaker(
    "SELECT COUNT(*) FROM (SELECT 1 FROM api_tokens WHERE created_by = ?1 AND credential_id IS NULL"
    " AND " +
    is_live("?2") + " LIMIT ?3) AS live");
const storage::Statement kLiveOfCredential(
    "SELECT COUNT(*) FROM (SELECT 1 FROM api_tokens WHERE credential_id = ?1"
    " AND credential_id IS NOT NULL AND " +
    is_live_of_credential("?2") + " LIMIT ?3) AS live");
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

Token token_of(const storage::Rows& rows) {
  Token token{.id = id_text(rows, 0),
              .redacted_token = text_of(rows, 1),
              .description = text_of(rows, 2),
              .created_by = id_text(rows, 3),
              .created_at = rows.integer(4),
              .updated_at = rows.integer(5),
              .expires_at = optional_time(rows, 6),
              .revoked_at = optional_time(rows, 7),
              .last_used_at = optional_time(rows, 9)};
  if (!rows.is_null(8)) {
    token.credential_id = id_text(rows, 8);
  }
  return token;
}

TokenScope scope_of(const storage::Rows& rows) {
  return {.id = id_text(rows, 1),
          .token_id = id_text(rows, 0),
          .scope_type = parse_scope_type(rows.text(2)).value_or(ScopeType::kCompany),
          .scope_key = text_of(rows, 3),
          .created_at = rows.integer(4),
          .deleted_at = optional_time(rows, 5)};
}

// `scopes`: all of the token, in force or not.
TokenScopeAction action_of(const storage::Rows& rows, const std::vector<TokenScope>& scopes) {
  const std::string scope_id = id_text(rows, 2);
  const auto scope = std::ranges::find(scopes, scope_id, &TokenScope::id);
  return {.id = id_text(rows, 1),
          .token_id = id_text(rows, 0),
          .scope_id = scope_id,
          .updated_by = id_text(rows, 3),
          .updated_at = rows.integer(4),
          .action = rows.text(5) == "ADDED" ? ScopeActionType::kAdded : ScopeActionType::kRemoved,
          .scope = scope == scopes.end() ? TokenScope{} : *scope};
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

Result<bool> insert_scope(storage::Session& transaction, const Uuid& token_id, const Scope& scope,
                          const Uuid& by, Timestamp now) {
  const Uuid id = new_uuid();
  MATRICULA_TRY(
      const std::int64_t added,
      run(transaction, kInsertScope,
          {id.bytes(), token_id.bytes(), scope_type_name(scope.type), scope.company_id, now}));
  if (added != 0) {
    MATRICULA_CHECK(write_action(transaction, token_id, id, by, now, "ADDED"));
  }
  return added != 0;
}

Result<bool> end_scope(storage::Session& transaction, const Uuid& token_id, const Uuid& scope_id,
                       const Uuid& by, Timestamp now) {
  MATRICULA_TRY(const std::int64_t ended,
                run(transaction, kEndScope, {scope_id.bytes(), token_id.bytes(), now}));
  if (ended != 0) {
    MATRICULA_CHECK(write_action(transaction, token_id, scope_id, by, now, "REMOVED"));
  }
  return ended != 0;
}

Result<std::optional<Token>> read_token(storage::Session& session, const Uuid& id) {
  MATRICULA_TRY(auto tokens, read_tokens(session, std::span(&id, 1)));
  return tokens.empty() ? std::nullopt : std::optional(std::move(tokens.front()));
}

Result<std::vector<Token>> read_tokens(storage::Session& session, std::span<const Uuid> ids) {
  struct Found {
    std::optional<Token> token = {};
    std::vector<TokenScope> scopes = {};
  };
  const std::vector<storage::Value> keys = keys_of(ids);
  std::map<Uuid, Found> found;
  const auto of = [&](const storage::Rows& rows) -> Found& {
    return found[uuid_of(rows.bytes(0))];
  };
  MATRICULA_CHECK(kTokens.each_row(
      session, keys, [&](const storage::Rows& rows) { of(rows).token = token_of(rows); }));
  MATRICULA_CHECK(kScopes.each_row(session, keys, [&](const storage::Rows& rows) {
    of(rows).scopes.push_back(scope_of(rows));
  }));
  MATRICULA_CHECK(kActions.each_row(session, keys, [&](const storage::Rows& rows) {
    Found& one = of(rows);
    if (one.token) {
      one.token->scopes_history.push_back(action_of(rows, one.scopes));
    }
  }));
  std::vector<Token> tokens;
  for (const Uuid& id : ids) {
    Found& one = found[id];
    if (!one.token) {
      continue;
    }
    std::ranges::copy_if(one.scopes, std::back_inserter(one.token->scopes),
                         [](const TokenScope& scope) { return !scope.deleted_at; });
    tokens.push_back(std::move(*one.token));
  }
  return tokens;
}

std::string is_live(std::string_view now) {
  return fmt::format("revoked_at IS NULL AND (expires_at IS NULL OR expires_at > {})", now);
}

std::string is_live_of_credential(std::string_view now, std::string_view table) {
  return fmt::format("{1}revoked_at IS NULL AND {1}expires_at > {0}", now, table);
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
