#pragma once

#include <string_view>

#include "auth/callers/principal.h"
#include "auth/schema/directory.h"
#include "base/result.h"
#include "http/message.h"
#include "storage/database.h"

namespace matricula::portal {

// GET /portal/api/companies/SLUG/audit: the lines of a company's audit trail, newest first.
//
//   {"rows":[{"number","at","actor","address","action","actionText","target","targetName","detail",
//   "refused","attempts","lastAt"}],"next","examined"}
//
// actor and targetName are names where there are such, else ids. Parameters:
//   before   lines with a lower number
//   q        words that are all somewhere in a line as it is shown, or its ids: see SearchWords
//   refused  `true`: refused attempts alone
//   rows     lines in the reply, kAuditRowsDefault unless it is given, kAuditRowsMax at most
// A reply ends at that number, or once kAuditExaminedMax lines were examined (`examined`): there
// may be more then, and `next` is the `before` with which to go on; else it is null.
//
// 400 names the parameter that is wrong. `viewer` must administer the company. Fails only as the
// store does.
Result<http::Response> audit_page(std::string_view query, const auth::Company& company,
                                  const auth::Principal& viewer, storage::Session& reader);

}  // namespace matricula::portal
