#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/issuer/jwk.h"
#include "base/result.h"

namespace matricula::auth {

inline constexpr std::size_t kKeysMax = 100;
inline constexpr std::size_t kKeySetBytesMax = 256 * 1024;

// The public keys of an outside issuer (RFC 7517): Ed25519 (EdDSA), P-256 (ES256) and RSA of 2048
// bits or more (RS256). Each key is good for one algorithm, which no JWT can change. Immutable;
// usable from any thread.
class KeySet {
 public:
  // From the text of a JWK set. Keys of other kinds or for other uses are passed over;
  // kBadUserInput for text that is none, for a private key, a key without or with a repeated `kid`,
  // and a set without a key that can be used.
  static Result<KeySet> read(std::string_view jwks);

  // Whether the signature is by the key of this name, which must be for this algorithm.
  bool is_signature(std::string_view key_id, std::string_view algorithm, std::string_view signature,
                    std::string_view message) const;
  std::size_t size() const { return keys_.size(); }

 private:
  struct Key {
    std::string id;
    Jwk jwk;
  };
  std::vector<Key> keys_;
};

}  // namespace matricula::auth
