#include <cstdint>
#include <string>
#include <string_view>

#include "auth/issuer/jws.h"
#include "auth/issuer/outside_issuer.h"
#include "base/assert.h"

// What a stranger sends as a JWT, and what a provider publishes as its keys: read without harm, and
// no JWT is believed without a key. Times that are read can be written.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace matricula;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auth::OutsideIssuer issuer{.keys = {}, .issuer = "them", .audience = "us"};
  MATRICULA_ASSERT(!auth::verify_outside_jwt(issuer, text, 0));
  if (auto keys = auth::KeySet::read(text)) {
    MATRICULA_ASSERT(keys->size() > 0);
    issuer.keys = std::move(*keys);
    MATRICULA_ASSERT(!auth::verify_outside_jwt(issuer, text, 0));
  }
  if (const auto claims = auth::read_claims(text)) {
    constexpr Timestamp kLast = 253'402'300'799'000'000;
    const auto time = auth::time_member(*claims, "exp");
    MATRICULA_ASSERT(!time || (*time >= 0 && *time <= kLast));
  }
  return 0;
}
