#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/issuer/jwk.h"
#include "base/result.h"

namespace matricula::auth {

inline constexpr std::size_t kKeysMax = 100;
inline constexpr std::size_t kKeySetBytesMax = 256 * 1024;

// Most keys that one JWT is verified with: a stranger's JWT that names no key costs no more.
inline constexpr std::size_t kKeysTriedMax = 8;

// The public keys of an outside issuer (RFC 7517), see read_jwk(). Each key is good for one
// algorithm, which no JWT can change. Immutable; usable from any thread.
class KeySet {
 public:
  // From the text of a JWK set. Keys of other kinds or for other uses are skipped;
  // kBadUserInput for text that is none, for a private key, and a set without a key that can be
  // used.
  static Result<KeySet> read(std::string_view jwks);

  // Whether the signature is by a key for this algorithm that has this `kid`, or has none. Without
  // `key_id` every key for the algorithm fits; see kKeysTriedMax.
  bool is_signature(std::optional<std::string_view> key_id, std::string_view algorithm,
                    std::string_view signature, std::string_view message) const;
  std::size_t size() const { return keys_.size(); }

 private:
  struct Key {
    std::string id;
    Jwk jwk;
  };
  std::vector<Key> keys_;
};

}  // namespace matricula::auth
