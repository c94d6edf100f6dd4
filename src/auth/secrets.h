#pragma once

#include <array>
#include <cstdint>
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
  Secrets(Secrets&&) noexcept = default;
  Secrets& operator=(Secrets&&) = delete;

  // HMAC-SHA-256 under the pepper.
  Digest digest(DigestKind kind, std::string_view text) const;
  // Names the signing key: the `kid` of our JWTs.
  const std::string& key_id() const { return key_id_; }
  std::array<unsigned char, 64> sign(std::string_view message) const;  // Ed25519
  // Whether the 64 bytes are our signature of the message.
  bool is_signature(std::string_view signature, std::string_view message) const;

 private:
  friend Result<Secrets> parse_key_file(std::string_view text, const std::string& path);
  friend std::string key_file_text(const Secrets& secrets);
  Secrets() = default;
  void derive();

  std::array<unsigned char, 32> pepper_ = {};
  std::array<unsigned char, 32> seed_ = {};
  std::array<unsigned char, 64> secret_key_ = {};
  std::array<unsigned char, 32> public_key_ = {};
  std::string key_id_;
};

// In constant time.
bool equal(const Digest& left, const Digest& right);

// Reads the key file of a store, or makes both the file (mode 0600) and the store's check value
// when the store has none yet. One clear line naming both when the file is missing, is not a key
// file, may be read by others, or belongs to another store. `store` is only for messages.
Result<Secrets> open_secrets(storage::Database& database, const std::string& store,
                             const std::string& key_file);

}  // namespace matricula::auth
