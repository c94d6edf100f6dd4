#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "auth/schema/uuid.h"
#include "auth/secrets/secrets.h"
#include "base/clock.h"
#include "base/result.h"

namespace matricula::auth {

inline constexpr std::int64_t kJwtSeconds = 900;

// What our JWTs say: who, and by which session.
struct JwtClaims {
  Uuid user_id;
  Uuid session_id;
  Timestamp issued_at = 0;
  Timestamp expires_at = 0;
  bool operator==(const JwtClaims&) const = default;
};

// Signed with EdDSA (RFC 8037). Times are cut to whole seconds.
std::string sign_jwt(const Secrets& secrets, const JwtClaims& claims);

// RFC 8725: the algorithm is pinned to the key, `kid` must be ours, `typ` JWT, `iss` and `aud`
// ours, `exp` required; an unknown `crit` and duplicate members are refused, `jku`, `jwk`, `x5u`
// and `x5c` never looked at. kUnauthenticated: `token is no longer valid` for one of ours that has
// expired, `token not found` for everything else.
Result<JwtClaims> verify_jwt(const Secrets& secrets, std::string_view jwt, Timestamp now);

}  // namespace matricula::auth
