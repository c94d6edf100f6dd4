#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace matricula::gate {

// What the first X-Company-Id of a request says that is not empty; nullopt where there is none.
// Borrowed from the request.
std::optional<std::string_view> company_header(const http::Request& request);

// The company that all of its X-Company-Id name, for a choice between companies. kBadUserInput
// where two differ: a gateway may add one beside a client's, and neither is to win by its place.
Result<std::optional<std::string_view>> named_company(const http::Request& request);

}  // namespace matricula::gate
