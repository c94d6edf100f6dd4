#pragma once

#include <string_view>

#include "auth/callers/principal.h"
#include "auth/schema/directory.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"
#include "storage/database.h"

namespace matricula::portal {

// GET /portal/api/companies/SLUG/tokens: the live tokens that read the company, newest first;
// `revokeToken` of the tokens endpoint ends one.
//
//   {"tokens":[{"id","redactedToken","description","createdBy","createdAt","expiresAt","lastUsedAt",
//   "scopes"}],"next","examined"}
//
// kTokensMax at most. Parameters: `before` and `q` as those of audit_page(), which also says what
// `next` and `examined` are; q is searched for in the description, the redacted token, who made it,
// and ids.
//
// 400 names the parameter that is wrong. `viewer` must administer the company. Fails only as the
// store does.
Result<http::Response> tokens_page(std::string_view query, const auth::Company& company,
                                   const auth::Principal& viewer, Timestamp now,
                                   storage::Session& reader);

}  // namespace matricula::portal
