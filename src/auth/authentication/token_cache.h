#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "auth/callers/principal.h"
#include "auth/secrets/keyed_hash.h"
#include "auth/secrets/secrets.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// The principals of recently used API tokens. Never holds a token: entries are found by a
// KeyedHash. An entry is current only while Database::generation() is what it was when the entry
// was read. Bounded: a newer token replaces an older one. One thread at a time.
class TokenCache {
 public:
  // Both must outlive it.
  TokenCache(storage::Database& database, const Secrets& secrets);

  // A hit that has not been revalidated: the token was valid at this generation of the store.
  // nullopt on a miss.
  struct Hit {
    std::shared_ptr<const Principal> principal;
    std::uint64_t generation;
  };
  std::optional<Hit> hit(std::string_view token, Timestamp now);

  // kUnauthenticated: `token not found`, `token is no longer valid`.
  Result<std::shared_ptr<const Principal>> find(std::string_view token, Timestamp now,
                                                storage::Session& session);

 private:
  using Tag = KeyedHash::Tag;
  struct Entry {
    Tag tag = {};
    std::uint64_t generation = 0;
    Timestamp ends_at = 0;                            // of a revoked token: long ago
    std::shared_ptr<const Principal> principal = {};  // null: the place is free
  };
  static constexpr std::size_t kPlaces = 8'192;
  static constexpr std::size_t kWays = 4;  // places in which a token may be

  static Result<std::shared_ptr<const Principal>> verdict(const Entry& entry, Timestamp now);
  // Without a principal when there is no such token.
  Result<Entry> read_entry(std::string_view token, const Tag& tag, storage::Session& session) const;
  static std::size_t first_place(const Tag& tag);
  Entry* find_entry(const Tag& tag);
  Entry& place_of(const Tag& tag);

  storage::Database& database_;
  const Secrets& secrets_;
  const KeyedHash hash_;
  std::vector<Entry> entries_;
  std::size_t next_victim_ = 0;
};

}  // namespace matricula::auth
