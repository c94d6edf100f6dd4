#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/callers/principal.h"
#include "base/result.h"

namespace matricula::auth {

// The company whose tables a request of the data API reads: of a token or a credential one that a
// COMPANY scope covers, of a person one that they administer. `chosen` is what the request names,
// by X-Company-Id or `?company=`.
// - kUnauthorized `not authorized`: a company that the caller may not read, none at all, or a
//   credential that is restricted to less than all data endpoints;
// - kBadUserInput that says how to name one: several companies and no choice.
Result<std::string> data_company(const Principal& principal,
                                 std::optional<std::string_view> chosen);

}  // namespace matricula::auth
