#include "auth/issuer/key_set.h"

#include <algorithm>
#include <fmt/format.h>

#include "auth/issuer/jws.h"

namespace matricula::auth {
namespace {

tl::unexpected<Error> bad(std::string_view reason) {
  return fail(ErrorCode::kBadUserInput, "The JWK set cannot be used: " + std::string(reason) + ".");
}

}  // namespace

Result<KeySet> KeySet::read(std::string_view jwks) {
  if (jwks.size() > kKeySetBytesMax) {
    return bad(fmt::format("it is longer than {} KiB", kKeySetBytesMax / 1024));
  }
  const auto value = json::read(jwks);
  const json::Value* member = value ? value->member("keys") : nullptr;
  const auto* objects =
      member == nullptr ? nullptr : std::get_if<json::Value::Array>(&member->data);
  if (objects == nullptr) {
    return bad("it is no JSON object with an array `keys`");
  }
  if (objects->size() > kKeysMax) {
    return bad(fmt::format("it has more than {} keys", kKeysMax));
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
    set.keys_.push_back(
        {.id = std::string(text_member(object, "kid").value_or("")), .jwk = std::move(jwk)});
  }
  return set.keys_.empty()
             ? Result<KeySet>(bad("it has no key for a signature of the kinds EdDSA, ES256, ES384, "
                                  "ES512, RS256 to RS512 or PS256 to PS512"))
             : Result<KeySet>(std::move(set));
}

bool KeySet::is_signature(std::optional<std::string_view> key_id, std::string_view algorithm,
                          std::string_view signature, std::string_view message) const {
  std::size_t tried = 0;
  const auto verifies = [&](const Key& key) {
    return is_for(key.jwk, algorithm) && ++tried <= kKeysTriedMax &&
           auth::is_signature(key.jwk, algorithm, signature, message);
  };
  // Those of this name first: keys without a name must not use up the tries.
  return (key_id &&
          std::ranges::any_of(
              keys_, [&](const Key& key) { return key.id == *key_id && verifies(key); })) ||
         std::ranges::any_of(keys_, [&](const Key& key) {
           return (!key_id || (key.id.empty() && !key_id->empty())) && verifies(key);
         });
}

}  // namespace matricula::auth
