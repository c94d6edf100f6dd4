#include "auth/secrets/secrets.h"

#include "base/assert.h"
#include "base/text.h"

namespace matricula::auth {
namespace {

const unsigned char* unsigned_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Secrets Secrets::random() {
  MATRICULA_ASSERT(sodium_init() >= 0);
  Key pepper;
  Key seed;
  randombytes_buf(pepper.data(), pepper.size());
  randombytes_buf(seed.data(), seed.size());
  return {pepper, seed};
}

Secrets::Secrets(const Key& pepper, const Key& seed) : pepper_(pepper), seed_(seed) {
  crypto_auth_hmacsha256_init(&keyed_, pepper_.data(), pepper_.size());
  crypto_sign_seed_keypair(public_key_.data(), secret_key_.data(), seed_.data());
  std::array<unsigned char, 16> name;
  crypto_generichash(name.data(), name.size(), public_key_.data(), public_key_.size(), nullptr, 0);
  key_id_ = to_hex({reinterpret_cast<const char*>(name.data()), name.size()});
}

Secrets::Secrets(Secrets&& other) noexcept
    : pepper_(other.pepper_),
      seed_(other.seed_),
      keyed_(other.keyed_),
      secret_key_(other.secret_key_),
      public_key_(other.public_key_),
      key_id_(std::move(other.key_id_)) {}

Secrets::~Secrets() {
  sodium_memzero(pepper_.data(), pepper_.size());
  sodium_memzero(seed_.data(), seed_.size());
  sodium_memzero(&keyed_, sizeof keyed_);
  sodium_memzero(secret_key_.data(), secret_key_.size());
}

Digest Secrets::digest(DigestKind kind, std::string_view text) const {
  crypto_auth_hmacsha256_state state = keyed_;
  const auto domain = static_cast<unsigned char>(kind);
  crypto_auth_hmacsha256_update(&state, &domain, 1);
  crypto_auth_hmacsha256_update(&state, unsigned_bytes(text), text.size());
  Digest digest;
  static_assert(digest.size() == crypto_auth_hmacsha256_BYTES);
  crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char*>(digest.data()));
  sodium_memzero(&state, sizeof state);
  return digest;
}

std::array<unsigned char, 64> Secrets::sign(std::string_view message) const {
  std::array<unsigned char, 64> signature;
  crypto_sign_detached(signature.data(), nullptr, unsigned_bytes(message), message.size(),
                       secret_key_.data());
  return signature;
}

bool Secrets::is_signature(std::string_view signature, std::string_view message) const {
  return signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(unsigned_bytes(signature), unsigned_bytes(message),
                                     message.size(), public_key_.data()) == 0;
}

bool equal(const Digest& left, const Digest& right) {
  return sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

bool equal(const Digest& left, storage::Bytes right) {
  return right.size() == left.size() && sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace matricula::auth
