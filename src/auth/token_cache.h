#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "auth/principal.h"
#include "auth/secrets.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// The principals of recently used API tokens. Never holds a token: entries are found by a SipHash
// of it under a key that this object made for itself. An entry counts only while
// Database::generation() is what it was when the entry was read. Bounded: a newer token takes the
// place of an older one. For one thread.
class TokenCache {
 public:
  // Both must outlive it.
  TokenCache(storage::Database& database, const Secrets& secrets);

  // kUnauthenticated: `token not found`, `token is no longer valid`.
  Result<std::shared_ptr<const Principal>> find(std::string_view token, Timestamp now,
                                                storage::Session& session);

 private:
  using Tag = std::array<std::uint8_t, 16>;
  struct Entry {
    Tag tag = {};
    std::uint64_t generation = 0;
    std::optional<Timestamp> ends_at = {};
    std::shared_ptr<const Principal> principal = {};  // null: the place is free
  };
  static constexpr std::size_t kPlaces = 8'192;  // a power of two

  storage::Database& database_;
  const Secrets& secrets_;
  std::array<std::uint8_t, 16> key_ = {};
  std::vector<Entry> entries_;
};

}  // namespace matricula::auth
