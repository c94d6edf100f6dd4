#include "ratelimit/limiter.h"

#include <algorithm>
#include <cstring>
#include <sodium.h>

#include "base/assert.h"

namespace matricula::ratelimit {

Limiter::Limiter(const LimiterOptions& options) : options_(options) {
  MATRICULA_ASSERT(options.shards > 0 && options.identities_max >= options.shards);
  MATRICULA_ASSERT(options.limit <= kLimitMax);
  for (std::size_t i = 0; i < options.shards; ++i) {
    shards_.push_back(
        std::make_unique<Shard>(options.window, options.identities_max / options.shards));
  }
}

Limiter::~Limiter() = default;

Decision Limiter::admit(const Identity& identity, Nanoseconds now, std::uint32_t limit) {
  return admit(identity, now, limit, 1);
}

Decision Limiter::admit(const Identity& identity, Nanoseconds now, std::uint32_t limit,
                        std::uint32_t count) {
  if (limit == 0) {
    return Decision{};
  }
  MATRICULA_ASSERT(count > 0 && count <= limit);
  const std::uint64_t hash = hash_of(identity);
  return shard_of(hash).admit(identity, hash, now, std::min(limit, kLimitMax), count);
}

void Limiter::take_back(const Identity& identity, Nanoseconds then) {
  const std::uint64_t hash = hash_of(identity);
  shard_of(hash).take_back(identity, hash, then);
}

void Limiter::charge(const Identity& identity, Nanoseconds now, std::uint32_t limit) {
  if (limit != 0) {
    const std::uint64_t hash = hash_of(identity);
    shard_of(hash).charge(identity, hash, now, std::min(limit, kLimitMax));
  }
}

Decision Limiter::peek(const Identity& identity, Nanoseconds now, std::uint32_t limit) const {
  if (limit == 0) {
    return Decision{};
  }
  const std::uint64_t hash = hash_of(identity);
  return shard_of(hash).peek(identity, hash, now, std::min(limit, kLimitMax));
}

std::size_t Limiter::size() const {
  std::size_t sum = 0;
  for (const auto& shard : shards_) {
    sum += shard->size();
  }
  return sum;
}

Shard& Limiter::shard_of(std::uint64_t hash) const {
  // The high half: buckets within a shard use the low one.
  return *shards_[(hash >> 32) % shards_.size()];
}

std::uint64_t Limiter::hash_of(const Identity& identity) const {
  static_assert(crypto_shorthash_KEYBYTES == sizeof(LimiterOptions::seed));
  std::array<unsigned char, crypto_shorthash_BYTES> out = {};
  crypto_shorthash(out.data(), identity.digest.data(), identity.digest.size(),
                   options_.seed.data());
  std::uint64_t hash = 0;
  std::memcpy(&hash, out.data(), sizeof hash);
  return hash;
}

}  // namespace matricula::ratelimit
