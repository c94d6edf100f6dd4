#include "auth/access/role_loss.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "auth/access/token_rows.h"
#include "auth/schema/store.h"
#include "auth/trail/audit.h"

namespace matricula::auth {
namespace {

const storage::Statement kLiveOfMaker(
    "SELECT id FROM api_tokens WHERE created_by = ?1 AND credential_id IS NULL"
    " AND " +
    is_live("?2") + " ORDER BY number");
// Those that have expired by this clock, which may be ahead of others.
const storage::Statement kRevokeRestOfMaker(
    "UPDATE api_tokens SET revoked_at = ?2, updated_at = ?2 WHERE created_by = ?1"
    " AND credential_id IS NULL AND revoked_at IS NULL");

// Scopes in force that the person ?1 added, to tokens of others too: they may have been staff, and
// have lost that role before.
const storage::Statement kAddedScopes(
    "SELECT s.token_id, s.id, s.scope_key FROM api_tokens AS t"
    " JOIN token_scopes AS s ON s.token_id = t.id AND s.deleted_at IS NULL"
    " JOIN token_scope_actions AS a ON a.token_id = t.id AND a.scope_id = s.id"
    " WHERE a.action = 'ADDED' AND a.updated_by = ?1 AND t.revoked_at IS NULL ORDER BY s.number");

constexpr const char* kDetail = "a role was taken away";

struct AddedScope {
  Uuid token_id;
  Uuid scope_id;
  std::string company_id;
};

Result<void> revoke(storage::Session& transaction, const Uuid& id,
                    const std::vector<std::string>& companies, const Caller& caller,
                    Timestamp now) {
  MATRICULA_CHECK(revoke_token(transaction, id, now));
  return write_audit(transaction, audit_row(caller,
                                            {.action = "token.revoke",
                                             .target = uuid_text(id),
                                             .detail = kDetail,
                                             .companies = companies},
                                            now));
}

Result<void> revoke_all(storage::Session& transaction, const Uuid& user_id, const Caller& caller,
                        Timestamp now) {
  MATRICULA_TRY(const std::vector<Uuid> ids,
                read_ids(transaction, kLiveOfMaker, {user_id.bytes(), now}));
  for (const Uuid& id : ids) {
    MATRICULA_TRY(const auto token, read_token(transaction, id));
    MATRICULA_CHECK(revoke(transaction, id,
                           token ? companies_of(*token) : std::vector<std::string>(), caller, now));
  }
  MATRICULA_CHECK(run(transaction, kRevokeRestOfMaker, {user_id.bytes(), now}));
  return {};
}

// The scopes that the person added for companies that they administer no longer.
Result<std::vector<AddedScope>> lost_scopes(storage::Session& transaction,
                                            const RoleChange& change) {
  std::vector<AddedScope> lost;
  const auto& kept = change.after.admin_of;
  MATRICULA_CHECK(
      each_row(transaction, kAddedScopes, {change.user_id.bytes()}, [&](const storage::Rows& rows) {
        if (std::find(kept.begin(), kept.end(), rows.text(2)) == kept.end()) {
          lost.push_back({.token_id = uuid_of(rows.bytes(0)),
                          .scope_id = uuid_of(rows.bytes(1)),
                          .company_id = text_of(rows, 2)});
        }
      }));
  return lost;
}

}  // namespace

Result<void> end_what_roles_gave(storage::Session& transaction, const RoleChange& change,
                                 const Caller& caller, Timestamp now) {
  if (change.after.is_staff) {
    return {};
  }
  if (change.after.is_empty()) {
    MATRICULA_CHECK(revoke_all(transaction, change.user_id, caller, now));
  }
  MATRICULA_TRY(const std::vector<AddedScope> lost, lost_scopes(transaction, change));
  std::map<Uuid, std::vector<std::string>> companies_by_token;
  for (const AddedScope& scope : lost) {
    MATRICULA_CHECK(
        end_scope(transaction, scope.token_id, scope.scope_id, author_of(caller.principal), now));
    companies_by_token[scope.token_id].push_back(scope.company_id);
  }
  const std::string maker = uuid_text(change.user_id);
  for (const auto& [token_id, companies] : companies_by_token) {
    MATRICULA_TRY(const auto token, read_token(transaction, token_id));
    if (token && token->scopes.empty() && !token->credential_id && token->created_by == maker) {
      MATRICULA_CHECK(revoke(transaction, token_id, companies, caller, now));
      continue;
    }
    MATRICULA_CHECK(write_audit(transaction, audit_row(caller,
                                                       {.action = "token.removeScope",
                                                        .target = uuid_text(token_id),
                                                        .detail = kDetail,
                                                        .companies = companies},
                                                       now)));
  }
  return {};
}

}  // namespace matricula::auth
