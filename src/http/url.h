#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace matricula::http {

// Most parameters of a query that parse_query() takes.
inline constexpr std::size_t kQueryParametersMax = 64;

// Decodes %XX. nullopt when a % is not followed by two hex digits, or when the result is not UTF-8
// or holds NUL: no name that we serve does.
std::optional<std::string> percent_decode(std::string_view text);

// Encodes everything but the unreserved characters of RFC 3986 section 2.3.
std::string percent_encode(std::string_view text);

// The path with %XX of unreserved characters decoded, which are equivalent (RFC 3986 section
// 6.2.2.2). nullopt where there are none.
std::optional<std::string> normal_path(std::string_view path);

// The path without the slash at its end, which clients that join a base address and a path often
// write too many.
std::string_view without_slash(std::string_view path);

struct QueryParameter {
  std::string name;
  std::string value;

  bool operator==(const QueryParameter&) const = default;
};

// Reads application/x-www-form-urlencoded pairs ('+' is a space), in their order. NUL is a
// character like others. Fails with kBadUserInput on what cannot be decoded, on more than
// kQueryParametersMax, and on a repeated name, because two readers could take different
// ones.
Result<std::vector<QueryParameter>> parse_query(std::string_view query);

}  // namespace matricula::http
