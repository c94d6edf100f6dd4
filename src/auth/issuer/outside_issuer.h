#pragma once

#include <string>
#include <string_view>

#include "auth/issuer/key_set.h"
#include "base/clock.h"
#include "base/result.h"

namespace matricula::auth {

// An identity provider whose JWTs are taken for logins. A key set alone would take the JWTs that
// the provider made for any other of its clients. Immutable; usable from any thread.
struct OutsideIssuer {
  KeySet keys;
  std::string issuer;    // what `iss` must be
  std::string audience;  // what `aud` must be or contain
};

// The e-mail address of whom a JWT is about (RFC 8725: algorithm pinned by the key, `iss`, `aud`
// and `exp` required, `nbf` kept, an address that is marked as not verified refused).
// kUnauthenticated: `token is no longer valid` for one that has expired, else `token not found`.
Result<std::string> verify_outside_jwt(const OutsideIssuer& issuer, std::string_view jwt,
                                       Timestamp now);

}  // namespace matricula::auth
