#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/callers/principal.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// A live token that reads a company, as the company's admins see it: nothing in it tells whether
// the token reads other companies, or which.
struct CompanyToken {
  std::int64_t number = 0;  // newer tokens have higher ones
  std::string id;
  std::string redacted_token;
  // Empty for a token that also reads companies that the viewer does not administer: the text may
  // name them.
  std::string description;
  std::string created_by;  // a user's id, or the credential's
  std::optional<std::string> credential_id = {};
  std::vector<ScopeType> scopes = {};  // those in force for the company
  Timestamp created_at = 0;
  std::optional<Timestamp> expires_at = {};
};

// The newest `rows_max` of those with a number below `before` that are live at `now`.
struct CompanyTokenRange {
  Timestamp now = 0;
  std::int64_t before = std::numeric_limits<std::int64_t>::max();
  std::int64_t rows_max = 0;
};

// The company's live tokens in the range, newest first. `viewer` must administer the company.
Result<std::vector<CompanyToken>> tokens_of_company(storage::Session& reader,
                                                    const Principal& viewer,
                                                    std::string_view company_id,
                                                    const CompanyTokenRange& range);

}  // namespace matricula::auth
