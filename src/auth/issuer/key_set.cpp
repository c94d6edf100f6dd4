#include "auth/issuer/key_set.h"

#include <algorithm>

#include "auth/issuer/jws.h"

namespace matricula::auth {
namespace {

tl::unexpected<Error> bad(std::string_view reason) {
  return fail(ErrorCode::kBadUserInput, "The JWK set cannot be used: " + std::string(reason) + ".");
}

}  // namespace

Result<KeySet> KeySet::read(std::string_view jwks) {
  if (jwks.size() > kKeySetBytesMax) {
    return bad("it is longer than 256 KiB");
  }
  const auto value = json::read(jwks);
  const json::Value* member = value ? value->member("keys") : nullptr;
  const auto* objects =
      member == nullptr ? nullptr : std::get_if<json::Value::Array>(&member->data);
  if (objects == nullptr) {
    return bad("it is no JSON object with an array `keys`");
  }
  if (objects->size() > kKeysMax) {
    return bad("it has more than 100 keys");
  }
  KeySet set;
  for (const json::Value& object : *objects) {
    if (object.member("d") != nullptr || object.member("k") != nullptr) {
      return bad("it holds a private key");
    }
    Jwk jwk = read_jwk(object);
    if (jwk.key == nullptr) {
      continue;
    }
    const auto id = text_member(object, "kid");
    if (!id || std::any_of(set.keys_.begin(), set.keys_.end(),
                           [&](const Key& key) { return key.id == *id; })) {
      return bad("every key needs a `kid` of its own");
    }
    set.keys_.push_back({.id = std::string(*id), .jwk = std::move(jwk)});
  }
  return set.keys_.empty() ? Result<KeySet>(bad("it has no key for EdDSA, ES256 or RS256"))
                           : Result<KeySet>(std::move(set));
}

bool KeySet::is_signature(std::string_view key_id, std::string_view algorithm,
                          std::string_view signature, std::string_view message) const {
  const auto key =
      std::find_if(keys_.begin(), keys_.end(), [&](const Key& one) { return one.id == key_id; });
  return key != keys_.end() && key->jwk.algorithm == algorithm &&
         auth::is_signature(key->jwk, signature, message);
}

}  // namespace matricula::auth
