#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "json/value.h"

namespace matricula::auth {

// A JWT taken apart (RFC 7515, section 7.1). Nothing of it may be believed before the signature
// was found to be that of a key we know, so the payload is still bytes. Borrows from the text,
// whose size is bounded by the server's limit on a request's head.
struct Jws {
  json::Value header;
  std::string payload;
  std::string signature;
  std::string_view signed_part;
};

// Nothing for what is not three parts of base64url, or has a header that is no JSON
// object, names a member twice or has `crit`: we know no extension that could be critical.
std::optional<Jws> read_jws(std::string_view text);

// The claims of a payload whose signature was right; nothing when it is no JSON object.
std::optional<json::Value> read_claims(std::string_view payload);

// A text member of a JSON object; nothing when absent, of another type or no text (half of a
// surrogate pair).
std::optional<std::string_view> text_member(const json::Value& object, std::string_view name);

// A NumericDate (RFC 7519, section 2): seconds since 1970, with or without a fraction or an
// exponent, as a number or as its text; before 1970 or after the year 9999, the nearest of those.
// Nothing when absent or no number.
std::optional<Timestamp> time_member(const json::Value& object, std::string_view name);

}  // namespace matricula::auth
