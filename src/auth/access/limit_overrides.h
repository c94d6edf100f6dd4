#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "auth/callers/caller.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

enum class LimitSubject : std::uint8_t { kCompany, kCredential };

// A rate limit that replaces the server's: requests in any 60 seconds; 0 for no limit.
struct LimitOverride {
  LimitSubject subject = LimitSubject::kCompany;
  std::string id;  // of a company or a credential
  std::uint32_t limit = 0;
  bool operator==(const LimitOverride&) const = default;
};

// For the operator and staff, else kUnauthorized. A credential's own limit wins over those of its
// token's companies, of which the largest counts. Holds from the next request on.
Result<void> set_limit(storage::Database& database, const Clock& clock, const LimitOverride& limit,
                       const Caller& caller);
// Back to the server's limit; no error where there is none.
Result<void> clear_limit(storage::Database& database, const Clock& clock, LimitSubject subject,
                         std::string_view id, const Caller& caller);
Result<std::vector<LimitOverride>> list_limits(storage::Session& reader);

}  // namespace matricula::auth
