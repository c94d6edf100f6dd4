#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace matricula {

// The longest text format_time() makes: 9999-12-31T23:59:59.999999Z.
inline constexpr std::size_t kTimeTextMax = 27;

// The first and the last moment that RFC 3339 can write: years 0000 to 9999.
inline constexpr Timestamp kTimeMin = -62'167'219'200'000'000;
inline constexpr Timestamp kTimeMax = 253'402'300'799'999'999;

// Writes RFC 3339 in UTC with `Z` and as few fraction digits as needed; returns the length written.
// A moment outside kTimeMin and kTimeMax, which a store made by an older version may hold, is
// written as the nearer of the two. `out` must have room for kTimeTextMax characters.
std::size_t format_time(Timestamp time, char* out);
std::string time_text(Timestamp time);

// Reads an RFC 3339 date-time with any offset, years 0000 to 9999 after conversion to UTC; digits
// finer than a microsecond are cut. A leap second (23:59:60 in UTC, RFC 3339 section 5.7) is read
// as the last microsecond of its minute. Anything else gives nullopt.
std::optional<Timestamp> parse_time(std::string_view text);

// Whether the text is an ISO 8601 duration such as P30D, P1Y2M, PT2H30M, P2W: at least one
// component, in order, digits with at most one fraction in the last component.
bool is_iso8601_duration(std::string_view text);

}  // namespace matricula
