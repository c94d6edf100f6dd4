#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

#include "auth/limits/confirmation.h"
#include "auth/limits/idle_sessions.h"
#include "auth/limits/limit_clock.h"
#include "base/clock.h"
#include "ratelimit/limiter.h"
#include "storage/database.h"

namespace matricula::auth {

// Limiter options with a random seed, so that no client can choose identities that share a place.
ratelimit::LimiterOptions seeded_limits(std::uint32_t limit);

// How many requests an identity may make in a minute: over one node, by ratelimit::Limiter; over
// all nodes that share a store, by a row of that store for each identity, exactly: the row is
// locked while it is looked at, and time is that of LimitClock.
//
// A refusal of the store holds until the oldest counted request has left the window or the limit is
// raised, so it is cached and not asked for again. When the store does not answer, each node counts
// by itself until it does. When the store's server crashed, its windows start empty.
//
// Safe to call from any thread. May wait for the store where that is shared.
class RequestLimits {
 public:
  // `database` and `clock` must outlive it.
  RequestLimits(const ratelimit::LimiterOptions& options, storage::Database& database,
                const Clock& clock);

  // As those of ratelimit::Limiter.
  ratelimit::Decision admit(const ratelimit::Identity& identity, ratelimit::Nanoseconds now);
  ratelimit::Decision admit(const ratelimit::Identity& identity, ratelimit::Nanoseconds now,
                            std::uint32_t limit);
  ratelimit::Decision peek(const ratelimit::Identity& identity, ratelimit::Nanoseconds now);
  ratelimit::Decision peek(const ratelimit::Identity& identity, ratelimit::Nanoseconds now,
                           std::uint32_t limit);
  // Counts `count` more requests of an identity that admit() admitted, all of them or none.
  // Precondition: 0 < count <= limit.
  ratelimit::Decision admit_more(const ratelimit::Identity& identity, ratelimit::Nanoseconds now,
                                 std::uint32_t limit, std::uint32_t count);
  // Uncounts the request that admit() counted at `then`, which is refused after all. Where the
  // identity made others at the same time, it may be one of those, and the times that are left
  // differ by as much.
  void take_back(const ratelimit::Identity& identity, ratelimit::Nanoseconds then);
  // As peek(), from memory alone: over a shared store, admitted with all of the limit left, unless
  // a refusal is cached.
  ratelimit::Decision peek_in_memory(const ratelimit::Identity& identity,
                                     ratelimit::Nanoseconds now);
  // A request of a cached caller, as a claim that a shared store has to confirm. nullopt where the
  // store is not shared, a refusal of the identity is cached, or the time of LimitClock is old.
  std::optional<Confirmation> claim(const ratelimit::Identity& identity, ratelimit::Nanoseconds now,
                                    std::uint32_t limit, std::uint64_t generation);
  const ConfirmationBatch::Texts& confirmation_texts() const { return texts_; }
  std::uint32_t limit() const { return local_.limit(); }
  std::size_t size() const { return local_.size(); }

  // Deletes windows that have passed from the store.
  Result<void> sweep();

 private:
  using Digest = std::array<std::uint8_t, 16>;
  enum class Ask : std::uint8_t { kCount, kPeek };
  struct Refusal {
    ratelimit::Nanoseconds until{0};
    std::uint32_t limit = 0;  // under which the request was refused
  };

  ratelimit::Decision decide(const ratelimit::Identity& identity, ratelimit::Nanoseconds now,
                             std::uint32_t limit, Ask kind);
  std::optional<ratelimit::Decision> cached_refusal(const ratelimit::Identity& identity,
                                                    ratelimit::Nanoseconds now,
                                                    std::uint32_t limit);
  Result<ratelimit::Decision> ask(const ratelimit::Identity& identity, std::uint32_t limit,
                                  Ask kind);
  // Nothing where they would pass the limit.
  Result<std::optional<ratelimit::Decision>> ask_more(const ratelimit::Identity& identity,
                                                      std::uint32_t limit, std::uint32_t count);
  Result<void> ask_back(const ratelimit::Identity& identity, ratelimit::Nanoseconds then);
  // With a deadline; LimitClock is kept first where that is due.
  Result<IdleSessions::Lease> ready_session();
  // When the cached refusal of the identity ends; nothing when none is in force, or the identity
  // has a higher limit by now.
  std::optional<ratelimit::Nanoseconds> refused_until(const ratelimit::Identity& identity,
                                                      ratelimit::Nanoseconds now,
                                                      std::uint32_t limit);

  ratelimit::Limiter local_;
  const std::chrono::microseconds window_;
  LimitClock time_;
  const ConfirmationBatch::Texts texts_;
  storage::Database& database_;
  const Clock& clock_;
  IdleSessions sessions_;
  std::mutex mutex_;  // guards the next
  std::map<Digest, Refusal> refusals_;
};

}  // namespace matricula::auth
