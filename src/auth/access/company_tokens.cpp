#include "auth/access/company_tokens.h"

#include "auth/access/token_rows.h"
#include "auth/callers/errors.h"
#include "auth/schema/store.h"

namespace matricula::auth {
namespace {

// A row for each scope of each token, in force or not.
const storage::Statement kTokens(
    "SELECT t.number, t.id, t.redacted, t.description, t.created_by, t.credential_id, t.created_at,"
    " t.expires_at, s.scope_type, s.scope_key, s.deleted_at FROM (SELECT number, id, redacted, "
    "description,"
    " created_by, credential_id, created_at, expires_at FROM api_tokens WHERE id IN"
    " (SELECT token_id FROM token_scopes WHERE scope_key = ?1 AND deleted_at IS NULL)"
    " AND " +
    is_live("?2") +
    " AND number < ?3"
    " ORDER BY number DESC LIMIT ?4) AS t JOIN token_scopes AS s ON s.token_id = t.id"
    " ORDER BY t.number DESC, s.number");

CompanyToken token_of(const storage::Rows& rows) {
  CompanyToken token{.number = rows.integer(0),
                     .id = uuid_text(uuid_of(rows.bytes(1))),
                     .redacted_token = text_of(rows, 2),
                     .description = text_of(rows, 3),
                     .created_by = uuid_text(uuid_of(rows.bytes(4))),
                     .created_at = rows.integer(6),
                     .expires_at = optional_time(rows, 7)};
  if (!rows.is_null(5)) {
    token.credential_id = uuid_text(uuid_of(rows.bytes(5)));
  }
  return token;
}

}  // namespace

Result<std::vector<CompanyToken>> tokens_of_company(storage::Session& reader,
                                                    const Principal& viewer,
                                                    std::string_view company_id,
                                                    const CompanyTokenRange& range) {
  if (!viewer.administers(company_id)) {
    return fail(not_authorized());
  }
  std::vector<CompanyToken> found;
  MATRICULA_CHECK(each_row(reader, kTokens, {company_id, range.now, range.before, range.rows_max},
                           [&](const storage::Rows& rows) {
                             if (found.empty() || found.back().number != rows.integer(0)) {
                               found.push_back(token_of(rows));
                             }
                             CompanyToken& token = found.back();
                             if (rows.text(9) == company_id && rows.is_null(10)) {
                               token.scopes.push_back(
                                   parse_scope_type(rows.text(8)).value_or(ScopeType::kCompany));
                             }
                             if (!viewer.administers(rows.text(9))) {
                               token.description.clear();
                             }
                           }));
  return found;
}

}  // namespace matricula::auth
