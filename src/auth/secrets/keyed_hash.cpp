#include "auth/secrets/keyed_hash.h"

#include <sodium.h>

#include "base/assert.h"

namespace matricula::auth {

KeyedHash::KeyedHash() {
  static_assert(sizeof(key_) == crypto_shorthash_siphashx24_KEYBYTES);
  MATRICULA_ASSERT(sodium_init() >= 0);
  randombytes_buf(key_.data(), key_.size());
}

KeyedHash::Tag KeyedHash::operator()(std::string_view text) const {
  Tag tag;
  static_assert(tag.size() == crypto_shorthash_siphashx24_BYTES);
  const int failed = crypto_shorthash_siphashx24(
      tag.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size(), key_.data());
  MATRICULA_ASSERT(failed == 0);
  return tag;
}

}  // namespace matricula::auth
