#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "json/value.h"

namespace matricula::auth {

inline constexpr std::size_t kJwtBytesMax = 4'096;

// A JWT taken apart (RFC 7515, section 7.1). Nothing of it may be believed before the signature
// was found to be that of a key we know, so the payload is still bytes. Borrows from the text.
struct Jws {
  json::Value header;
  std::string payload;
  std::string signature;
  std::string_view signed_part;
};

// Nothing for what is too long, not three parts of base64url, or has a header that is no JSON
// object, names a member twice or has `crit`: we know no extension that could be critical.
std::optional<Jws> read_jws(std::string_view text);

// The claims of a payload whose signature was right; nothing when it is no JSON object.
std::optional<json::Value> read_claims(std::string_view payload);

// Members of a JSON object; nothing when absent or of another type.
std::optional<std::string_view> text_member(const json::Value& object, std::string_view name);
// Whole seconds since 1970, up to the year 9999.
std::optional<Timestamp> time_member(const json::Value& object, std::string_view name);

}  // namespace matricula::auth
