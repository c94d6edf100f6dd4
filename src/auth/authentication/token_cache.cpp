#include "auth/authentication/token_cache.h"

#include <limits>

#include "auth/authentication/token_lookup.h"
#include "auth/callers/errors.h"
#include "auth/secrets/secret_text.h"

namespace matricula::auth {

TokenCache::TokenCache(storage::Database& database, const Secrets& secrets)
    : database_(database), secrets_(secrets), entries_(kPlaces) {}

Result<std::shared_ptr<const Principal>> TokenCache::find(std::string_view token, Timestamp now,
                                                          storage::Session& session) {
  if (!is_token_text(token)) {
    return fail(token_not_found());
  }
  MATRICULA_TRY(const std::uint64_t generation, database_.read_generation(session));
  const Tag tag = hash_(token);
  Entry* entry = find_entry(tag);
  if (entry == nullptr || entry->generation != generation) {
    MATRICULA_TRY(Entry read, read_entry(token, tag, session));
    if (read.principal == nullptr) {
      return fail(token_not_found());
    }
    // An odd or changed generation means a commit during the read: the result is right for this
    // request, which came before the commit, but must not be cached.
    read.generation = generation;
    MATRICULA_TRY(const std::uint64_t generation_now, database_.read_generation(session));
    const bool keep = generation % 2 == 0 && generation_now == generation;
    if (!keep) {
      return verdict(read, now);
    }
    entry = entry != nullptr ? entry : &place_of(tag);
    *entry = std::move(read);
  }
  return verdict(*entry, now);
}

std::optional<TokenCache::Hit> TokenCache::hit(std::string_view token, Timestamp now) {
  const Entry* entry = is_token_text(token) ? find_entry(hash_(token)) : nullptr;
  if (entry == nullptr || now >= entry->ends_at) {
    return std::nullopt;
  }
  return Hit{.principal = entry->principal, .generation = entry->generation};
}

Result<std::shared_ptr<const Principal>> TokenCache::verdict(const Entry& entry, Timestamp now) {
  if (now >= entry.ends_at) {
    return fail(token_ended());
  }
  return entry.principal;
}

Result<TokenCache::Entry> TokenCache::read_entry(std::string_view token, const Tag& tag,
                                                 storage::Session& session) const {
  MATRICULA_TRY(auto stored,
                read_stored_token(session, secrets_.digest(DigestKind::kToken, token)));
  if (!stored) {
    return Entry{};
  }
  using Limits = std::numeric_limits<Timestamp>;
  return Entry{
      .tag = tag,
      .ends_at = stored->is_revoked ? Limits::min() : stored->expires_at.value_or(Limits::max()),
      .principal = std::move(stored->principal)};
}

std::size_t TokenCache::first_place(const Tag& tag) {
  const std::size_t bits = tag[0] | (std::size_t{tag[1]} << 8);
  return (bits * kWays) % kPlaces;
}

TokenCache::Entry* TokenCache::find_entry(const Tag& tag) {
  Entry* first = &entries_[first_place(tag)];
  for (Entry* entry = first; entry != first + kWays; ++entry) {
    if (entry->principal != nullptr && entry->tag == tag) {
      return entry;
    }
  }
  return nullptr;
}

TokenCache::Entry& TokenCache::place_of(const Tag& tag) {
  Entry* first = &entries_[first_place(tag)];
  for (std::size_t way = 0; way < kWays; ++way) {
    if (first[way].principal == nullptr) {
      return first[way];
    }
  }
  return first[next_victim_++ % kWays];
}

}  // namespace matricula::auth
