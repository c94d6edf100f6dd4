#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "ratelimit/identity.h"
#include "ratelimit/shard.h"

namespace matricula::ratelimit {

struct LimiterOptions {
  std::uint32_t limit = 100;  // for an identity without a limit of its own; 0 is off
  Nanoseconds window = std::chrono::seconds(60);
  std::size_t identities_max = 900'000;  // 64 MiB, if each makes a single request
  std::size_t shards = 64;
  // Scatters identities over shards and buckets; random, so that no client can aim at one of them.
  std::array<std::uint8_t, 16> seed = {};
};

// The largest limit that an override may set: 8 bytes for each admitted request are kept.
inline constexpr std::uint32_t kLimitMax = 1'000'000;

// How many requests an identity may make in any window: exact, because every admitted request's
// time is kept. Refused requests do not count. `now` is Clock::monotonic(). Safe to call from any
// thread; identities of different shards never wait for each other.
class Limiter {
 public:
  explicit Limiter(const LimiterOptions& options);
  ~Limiter();

  // Counts one request, unless that would pass the limit, which may be the identity's own (limit 0:
  // always admitted, not counted).
  Decision admit(const Identity& identity, Nanoseconds now, std::uint32_t limit);
  // Counts `count` requests at once, or none of them where that would pass the limit.
  // Precondition: 0 < count, and count <= limit unless that is 0.
  Decision admit(const Identity& identity, Nanoseconds now, std::uint32_t limit,
                 std::uint32_t count);
  // Counts a request that was admitted already, over the limit too; not where that is 0.
  void charge(const Identity& identity, Nanoseconds now, std::uint32_t limit);
  // Uncounts a request of the identity: the first that was counted at `then` or later.
  void take_back(const Identity& identity, Nanoseconds then);
  // What admit() would answer, without counting; `remaining` is what is left now.
  Decision peek(const Identity& identity, Nanoseconds now, std::uint32_t limit) const;

  std::uint32_t limit() const { return options_.limit; }
  // How many identities are held; for tests.
  std::size_t size() const;

 private:
  Shard& shard_of(std::uint64_t hash) const;
  std::uint64_t hash_of(const Identity& identity) const;

  LimiterOptions options_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace matricula::ratelimit
