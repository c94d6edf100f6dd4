#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace matricula::http {

// Cookies of one name that are looked at; more are ignored.
inline constexpr std::size_t kCookiesMax = 4;

// The values of the cookies of that exact name in a request (RFC 6265 section 4.2.1), in their
// order and without the quotes around them, if any; malformed ones are ignored. Which of
// several is meant, a name does not say: another path or another host of the domain may have set
// one.
std::vector<std::string_view> find_cookies(const Request& request, std::string_view name);

}  // namespace matricula::http
