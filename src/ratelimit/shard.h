#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "ratelimit/identity.h"
#include "ratelimit/window.h"

namespace matricula::ratelimit {

// The decision on a request by one allowance. A default one: there is no limit, or nothing was
// charged, which is the same to a client.
struct Decision {
  bool admitted = true;
  std::uint32_t limit = 0;
  std::uint32_t remaining = 0;  // after this request
  std::uint32_t retry_after_seconds =
      0;  // 1 to the window's length when refused; waiting it suffices

  bool has_limit() const { return limit != 0; }
  bool operator==(const Decision&) const = default;
};

// The identities of one shard: a hash table over slots that are never more than `identities_max`,
// each in one of two lists by age: those below their limit, and those that owe. Safe to call from
// any thread.
class Shard {
 public:
  Shard(Nanoseconds window, std::size_t identities_max);

  // Counts `count` requests, or none of them. Precondition: 0 < count <= limit.
  Decision admit(const Identity& identity, std::uint64_t hash, Nanoseconds now, std::uint32_t limit,
                 std::uint32_t count);
  // Counts a request whatever the limit.
  void charge(const Identity& identity, std::uint64_t hash, Nanoseconds now, std::uint32_t limit);
  void take_back(const Identity& identity, std::uint64_t hash, Nanoseconds then);
  Decision peek(const Identity& identity, std::uint64_t hash, Nanoseconds now, std::uint32_t limit);
  std::size_t size();

 private:
  using Index = std::uint32_t;
  static constexpr Index kNone = 0xffff'ffff;

  struct Slot {
    Identity identity;
    Window window;
    Index older = kNone;  // neighbours in its list
    Index newer = kNone;
    Index chain = kNone;  // the next slot of its bucket, or of the free slots
  };
  struct List {
    Index oldest = kNone;
    Index newest = kNone;
  };

  Index find(const Identity& identity, std::uint64_t hash) const;
  // The identity's slot, a new one where it has none; kNone as below.
  Index slot_of(const Identity& identity, std::uint64_t hash, Nanoseconds now);
  // A slot for a newcomer; kNone when all are taken by identities that owe.
  Index take_slot(Nanoseconds now);
  void drop_expired(Nanoseconds now);
  Index evict(Nanoseconds now);
  void release(Index index, bool owing);
  void append(List& list, Index index);
  void unlink(List& list, Index index);
  void move_to_newest(Index index, bool now_owing);
  void make_room();
  void grow_buckets(std::size_t buckets);
  Index& bucket(std::uint64_t hash) { return buckets_[hash & (buckets_.size() - 1)]; }
  Decision refusal(const Window& window, Nanoseconds now, std::uint32_t limit,
                   std::uint32_t count) const;

  const Nanoseconds window_;
  const std::size_t identities_max_;
  std::mutex mutex_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> hashes_;  // the low half of each slot's hash
  std::vector<bool> owing_;            // which list each slot is in
  std::vector<Index> buckets_;
  Index free_ = kNone;
  std::size_t used_ = 0;
  List below_;  // identities below their limit
  List owe_;    // identities that were at their limit when last admitted
};

}  // namespace matricula::ratelimit
