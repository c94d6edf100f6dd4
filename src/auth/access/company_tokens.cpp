#include "auth/access/company_tokens.h"

#include <algorithm>

#include "auth/access/token_rows.h"
#include "auth/callers/errors.h"
#include "auth/trail/usage.h"

namespace matricula::auth {
namespace {

CompanyToken shown_token(const Token& token, const Principal& viewer, std::string_view company_id) {
  const bool is_whole =
      std::all_of(token.scopes.begin(), token.scopes.end(),
                  [&](const TokenScope& scope) { return viewer.administers(scope.scope_key); });
  CompanyToken shown{.id = token.id,
                     .redacted_token = token.redacted_token,
                     .description = is_whole ? token.description : std::string(),
                     .created_by = token.created_by,
                     .credential_id = token.credential_id,
                     .created_at = token.created_at,
                     .expires_at = token.expires_at};
  for (const TokenScope& scope : token.scopes) {
    if (scope.scope_key == company_id) {
      shown.scopes.push_back(scope.scope_type);
    }
  }
  return shown;
}

}  // namespace

Result<std::vector<CompanyToken>> tokens_of_company(storage::Session& reader,
                                                    const Principal& viewer,
                                                    std::string_view company_id, Timestamp now,
                                                    std::int64_t rows_max) {
  if (!viewer.administers(company_id)) {
    return fail(not_authorized());
  }
  MATRICULA_TRY(const auto ids, live_token_ids_of_company(reader, company_id, now, rows_max));
  std::vector<CompanyToken> found;
  for (const Uuid& id : ids) {
    MATRICULA_TRY(const auto token, read_token(reader, id));
    if (!token) {
      continue;
    }
    CompanyToken shown = shown_token(*token, viewer, company_id);
    MATRICULA_TRY(shown.last_used_at, last_use_for_company(reader, id, company_id));
    found.push_back(std::move(shown));
  }
  return found;
}

}  // namespace matricula::auth
