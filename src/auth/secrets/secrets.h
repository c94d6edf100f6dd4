#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <sodium.h>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

using Digest = std::array<std::byte, 32>;

// What a digest is of; a digest of one kind is never taken for another.
enum class DigestKind : std::uint8_t { kToken, kClientSecret, kSession, kCsrf, kStoreCheck };

// The secrets of an installation: the pepper that digests are keyed with and the key that signs
// JWTs. They live in a key file outside the store, so that a stolen store or backup is no use.
// Immutable; usable from any thread. Memory is wiped at the end.
class Secrets {
 public:
  static Secrets random();
  ~Secrets();
  Secrets(const Secrets&) = delete;
  Secrets(Secrets&& other) noexcept;
  Secrets& operator=(Secrets&&) = delete;

  // HMAC-SHA-256 under the pepper.
  Digest digest(DigestKind kind, std::string_view text) const;
  // Names the signing key: the `kid` of our JWTs.
  const std::string& key_id() const { return key_id_; }
  std::array<unsigned char, 64> sign(std::string_view message) const;  // Ed25519
  // Whether the 64 bytes are our signature of the message.
  bool is_signature(std::string_view signature, std::string_view message) const;

 private:
  // The text form of the key file, for key_file.cpp.
  friend struct KeyFileText;
  using Key = std::array<unsigned char, 32>;
  Secrets(const Key& pepper, const Key& seed);

  Key pepper_ = {};
  Key seed_ = {};
  crypto_auth_hmacsha256_state keyed_ = {};  // the pepper taken in, for a copy at each digest
  std::array<unsigned char, 64> secret_key_ = {};
  Key public_key_ = {};
  std::string key_id_;
};

// In constant time.
bool equal(const Digest& left, const Digest& right);
bool equal(const Digest& left, storage::Bytes right);

}  // namespace matricula::auth
