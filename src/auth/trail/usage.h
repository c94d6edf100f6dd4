#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// Requests to the data endpoints with tokens of a company on one day.
struct UseDay {
  std::int64_t day = 0;  // since 1970-01-01, UTC
  std::int64_t answered = 0;
  std::int64_t refused = 0;  // by the rate limit
  bool operator==(const UseDay&) const = default;
};

// The days from `first_day` on with any request, oldest first. A token of several companies counts
// for each of them. Behind what is counted in memory by up to a flush of the UseCounters.
Result<std::vector<UseDay>> uses_of_company(storage::Session& reader, std::string_view company_id,
                                            std::int64_t first_day);

}  // namespace matricula::auth
