#pragma once

#include <optional>
#include <string_view>

#include "http/message.h"

namespace matricula::http {

// The value of the cookie of that exact name in a Cookie field (RFC 6265 section 4.2.1), without
// the quotes around it, if any. nullopt when it is absent, malformed, or occurs more than once: a
// second one can only have been planted by another host of the domain.
std::optional<std::string_view> find_cookie(std::string_view field, std::string_view name);

// The same over all Cookie fields of a request.
std::optional<std::string_view> find_cookie(const Request& request, std::string_view name);

}  // namespace matricula::http
