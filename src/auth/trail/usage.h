#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/schema/uuid.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// Requests to the data endpoints for one company on one day.
struct UseDay {
  std::int64_t day = 0;  // since 1970-01-01, UTC
  std::int64_t answered = 0;
  std::int64_t refused = 0;  // by the rate limit
  bool operator==(const UseDay&) const = default;
};

// The days from `first_day` on with any request for the company, oldest first. What UseCounters
// have not flushed yet is missing.
Result<std::vector<UseDay>> uses_of_company(storage::Session& reader, std::string_view company_id,
                                            std::int64_t first_day);

// Requests for one company to one endpoint by the tokens of one credential, or by one token that a
// person made.
struct SourceUse {
  Uuid source_id;        // the credential, or the token
  std::string endpoint;  // its name in addresses
  std::int64_t answered = 0;
  std::int64_t refused = 0;
  bool operator==(const SourceUse&) const = default;
};

// The sums from `first_day` on, the sources with the most requests first, at most kSourceUsesMax
// rows. Days before the store counted by endpoint are missing, and so is what UseCounters have not
// flushed yet.
inline constexpr std::int64_t kSourceUsesMax = 1'000;
Result<std::vector<SourceUse>> uses_by_source(storage::Session& reader, std::string_view company_id,
                                              std::int64_t first_day);

// When the token was last used for the company.
Result<std::optional<Timestamp>> last_use_for_company(storage::Session& reader,
                                                      const Uuid& token_id,
                                                      std::string_view company_id);

}  // namespace matricula::auth
