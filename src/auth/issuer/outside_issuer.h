#pragma once

#include <string>
#include <string_view>

#include "auth/issuer/key_set.h"
#include "base/clock.h"
#include "base/result.h"

namespace matricula::auth {

// How long a JWT is accepted at most, in microseconds: a day.
inline constexpr Timestamp kJwtLifetimeMax = kMicrosPerDay;

// An identity provider whose JWTs count as logins. Issuer and audience are required: by its keys
// alone, a JWT that the provider made for another client would count too. Immutable; usable from
// any thread.
struct OutsideIssuer {
  KeySet keys;
  std::string issuer;    // what `iss` must be
  std::string audience;  // what `aud` must be or contain
  // Whether `email_verified` must be there. Where it is, it must be true.
  bool needs_email_verified = false;
  Timestamp lifetime_max = kJwtLifetimeMax;  // in microseconds from `iat`
};

// The e-mail address of the person that a JWT is about (RFC 8725). The key pins the algorithm;
// `iss`, `aud` and `exp` are required; `iat` and `nbf` must not be in the future; `email_verified`
// and the lifetime see OutsideIssuer. kUnauthenticated: `token is no longer valid` for one that has
// expired, else `token not found`.
Result<std::string> verify_outside_jwt(const OutsideIssuer& issuer, std::string_view jwt,
                                       Timestamp now);

}  // namespace matricula::auth
