#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace matricula::auth {

// SipHash-2-4 with an output of 128 bits, under a random key that each object makes for itself.
// Caches find secrets by it: they hold no secret, and no client can choose texts whose hashes
// collide. Immutable; usable from any thread.
class KeyedHash {
 public:
  using Tag = std::array<std::uint8_t, 16>;

  KeyedHash();
  Tag operator()(std::string_view text) const;

 private:
  std::array<std::uint8_t, 16> key_ = {};
};

}  // namespace matricula::auth
