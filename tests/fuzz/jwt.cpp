#include <cstdint>
#include <string>
#include <string_view>

#include "auth/issuer/jws.h"
#include "auth/issuer/outside_issuer.h"
#include "auth/issuer/testing_provider.h"
#include "base/assert.h"
#include "base/text.h"

namespace {

using namespace matricula;

constexpr Timestamp kNow = 1'767'225'600'000'000;  // 2026-01-01

const auth::EvpKey& provider_key() {
  static const auth::EvpKey kKey = [] {
    const std::string seed(32, 'k');
    return auth::EvpKey(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr,
                                     reinterpret_cast<const unsigned char*>(seed.data()), 32),
        EVP_PKEY_free);
  }();
  return kKey;
}

const auth::OutsideIssuer& known_issuer() {
  static const auth::OutsideIssuer kIssuer = [] {
    std::string raw(32, '\0');
    std::size_t length = raw.size();
    EVP_PKEY_get_raw_public_key(provider_key().get(), reinterpret_cast<unsigned char*>(raw.data()),
                                &length);
    auto keys = auth::KeySet::read(R"({"keys":[{"kty":"OKP","crv":"Ed25519","x":")" +
                                   to_base64url(raw) + "\"}]}");
    MATRICULA_ASSERT(keys.has_value());
    return auth::OutsideIssuer{.keys = std::move(*keys), .issuer = "them", .audience = "us"};
  }();
  return kIssuer;
}

// Claims that the provider has signed, whatever they are.
void verify_claims(std::string_view claims) {
  std::string jwt = to_base64url(R"({"alg":"EdDSA"})") + "." + to_base64url(claims);
  jwt += "." + to_base64url(auth::Provider::sign(provider_key(), jwt));
  if (auth::verify_outside_jwt(known_issuer(), jwt, kNow)) {
    const auto read = auth::read_claims(claims);
    MATRICULA_ASSERT(read && auth::text_member(*read, "iss") == "them");
    const auto expires = auth::time_member(*read, "exp");
    MATRICULA_ASSERT(expires && *expires > kNow);
  }
}

}  // namespace

// What a stranger sends as a JWT, and what a provider publishes as its keys: read without harm, and
// no JWT is believed without a key. What a provider signs is refused, or has what it must have.
// Times that are read can be written.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auth::OutsideIssuer issuer{.keys = {}, .issuer = "them", .audience = "us"};
  MATRICULA_ASSERT(!auth::verify_outside_jwt(issuer, text, 0));
  if (auto keys = auth::KeySet::read(text)) {
    MATRICULA_ASSERT(keys->size() > 0);
    issuer.keys = std::move(*keys);
    MATRICULA_ASSERT(!auth::verify_outside_jwt(issuer, text, 0));
  }
  verify_claims(text);
  if (const auto claims = auth::read_claims(text)) {
    constexpr Timestamp kLast = 253'402'300'799'000'000;
    const auto time = auth::time_member(*claims, "exp");
    MATRICULA_ASSERT(!time || (*time >= 0 && *time <= kLast));
  }
  return 0;
}
