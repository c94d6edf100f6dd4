#include "ratelimit/shard.h"

#include <algorithm>

#include "base/assert.h"

namespace matricula::ratelimit {
namespace {

// Expired identities dropped with each newcomer: more than one, so that a flood's memory is reused.
constexpr int kDropsPerNewcomer = 2;
// How many identities at their limit are checked for one whose window has room again.
constexpr int kOwingLooksMax = 8;

// Room for one more, so that adding it takes no memory.
template <typename Elements>
void make_room_in(Elements& elements) {
  constexpr std::size_t kFirst = 16;
  if (elements.size() == elements.capacity()) {
    elements.reserve(std::max(kFirst, elements.size() * 2));
  }
}

}  // namespace

Shard::Shard(Nanoseconds window, std::size_t identities_max)
    : window_(window), identities_max_(identities_max), buckets_(16, kNone) {
  MATRICULA_ASSERT(identities_max > 0 && identities_max < kNone);
}

Decision Shard::admit(const Identity& identity, std::uint64_t hash, Nanoseconds now,
                      std::uint32_t limit, std::uint32_t count) {
  const std::lock_guard lock(mutex_);
  const Index index = slot_of(identity, hash, now);
  if (index == kNone) {
    Decision full = refusal(slots_[owe_.oldest].window, now, 1, 1);
    full.limit = limit;
    return full;
  }
  Window& window = slots_[index].window;
  window.drop_before(now, window_);
  if (window.count() + count > limit) {
    return refusal(window, now, limit, count);
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    window.add(now);
  }
  move_to_newest(index, window.count() >= limit);
  return Decision{.admitted = true, .limit = limit, .remaining = limit - window.count()};
}

void Shard::charge(const Identity& identity, std::uint64_t hash, Nanoseconds now,
                   std::uint32_t limit) {
  const std::lock_guard lock(mutex_);
  const Index index = slot_of(identity, hash, now);
  if (index != kNone) {
    Window& window = slots_[index].window;
    window.drop_before(now, window_);
    window.add(now);
    move_to_newest(index, window.count() >= limit);
  }
}

Decision Shard::peek(const Identity& identity, std::uint64_t hash, Nanoseconds now,
                     std::uint32_t limit) {
  const std::lock_guard lock(mutex_);
  const Index index = find(identity, hash);
  if (index == kNone) {
    return Decision{.admitted = true, .limit = limit, .remaining = limit};
  }
  Window& window = slots_[index].window;
  window.drop_before(now, window_);
  if (window.count() >= limit) {
    return refusal(window, now, limit, 1);
  }
  return Decision{.admitted = true, .limit = limit, .remaining = limit - window.count()};
}

void Shard::take_back(const Identity& identity, std::uint64_t hash, Nanoseconds then) {
  const std::lock_guard lock(mutex_);
  const Index index = find(identity, hash);
  if (index != kNone) {
    slots_[index].window.remove_from(then);
  }
}

std::size_t Shard::size() {
  const std::lock_guard lock(mutex_);
  return used_;
}

Decision Shard::refusal(const Window& window, Nanoseconds now, std::uint32_t limit,
                        std::uint32_t count) const {
  using std::chrono::seconds;
  // There is room again when all but limit - count of the times have left the window.
  const Nanoseconds frees_at =
      window.count() == 0 ? now + window_ : window.at(window.count() + count - limit - 1) + window_;
  const auto wait = std::chrono::ceil<seconds>(frees_at - now);
  const auto longest = std::chrono::ceil<seconds>(window_);
  return Decision{.admitted = false,
                  .limit = limit,
                  .remaining = 0,
                  .retry_after_seconds =
                      static_cast<std::uint32_t>(std::clamp(wait, seconds(1), longest).count())};
}

Shard::Index Shard::find(const Identity& identity, std::uint64_t hash) const {
  Index index = buckets_[hash & (buckets_.size() - 1)];
  while (index != kNone && slots_[index].identity != identity) {
    index = slots_[index].chain;
  }
  return index;
}

Shard::Index Shard::slot_of(const Identity& identity, std::uint64_t hash, Nanoseconds now) {
  Index index = find(identity, hash);
  if (index != kNone) {
    return index;
  }
  index = take_slot(now);
  if (index != kNone) {
    slots_[index].identity = identity;
    hashes_[index] = static_cast<std::uint32_t>(hash);
    slots_[index].chain = bucket(hash);
    bucket(hash) = index;
    owing_[index] = false;
    append(below_, index);
  }
  return index;
}

Shard::Index Shard::take_slot(Nanoseconds now) {
  drop_expired(now);
  if (free_ == kNone && slots_.size() == identities_max_) {
    return evict(now);
  }
  if (free_ != kNone) {
    const Index index = free_;
    free_ = slots_[index].chain;
    ++used_;
    return index;
  }
  make_room();
  slots_.emplace_back();
  hashes_.push_back(0);
  owing_.push_back(false);
  ++used_;
  return static_cast<Index>(slots_.size() - 1);
}

// For one more slot. Where memory runs out, the table has the slots and the buckets that it had.
void Shard::make_room() {
  make_room_in(slots_);
  make_room_in(hashes_);
  make_room_in(owing_);
  if (slots_.size() == buckets_.size()) {
    grow_buckets(buckets_.size() * 2);
  }
}

void Shard::drop_expired(Nanoseconds now) {
  for (const bool owing : {false, true}) {
    List& list = owing ? owe_ : below_;
    for (int i = 0; i < kDropsPerNewcomer && list.oldest != kNone; ++i) {
      Window& window = slots_[list.oldest].window;
      if (window.count() > 0 && now - window.newest() < window_) {
        break;
      }
      const Index index = list.oldest;
      release(index, owing);
      slots_[index].chain = free_;
      free_ = index;
      --used_;
    }
  }
}

Shard::Index Shard::evict(Nanoseconds now) {
  if (below_.oldest != kNone) {
    const Index index = below_.oldest;
    release(index, false);
    return index;
  }
  Index index = owe_.oldest;
  for (int i = 0; i < kOwingLooksMax && index != kNone; ++i) {
    const std::uint32_t before = slots_[index].window.count();
    slots_[index].window.drop_before(now, window_);
    if (slots_[index].window.count() < before) {
      release(index, true);
      return index;
    }
    index = slots_[index].newer;
  }
  return kNone;
}

// Takes a slot out of its list and its bucket, and empties it.
void Shard::release(Index index, bool owing) {
  unlink(owing ? owe_ : below_, index);
  Index* link = &bucket(hashes_[index]);
  while (*link != index) {
    link = &slots_[*link].chain;
  }
  *link = slots_[index].chain;
  slots_[index] = Slot{};
}

void Shard::append(List& list, Index index) {
  slots_[index].older = list.newest;
  slots_[index].newer = kNone;
  (list.newest == kNone ? list.oldest : slots_[list.newest].newer) = index;
  list.newest = index;
}

void Shard::unlink(List& list, Index index) {
  const Slot& slot = slots_[index];
  (slot.older == kNone ? list.oldest : slots_[slot.older].newer) = slot.newer;
  (slot.newer == kNone ? list.newest : slots_[slot.newer].older) = slot.older;
}

void Shard::move_to_newest(Index index, bool now_owing) {
  unlink(owing_[index] ? owe_ : below_, index);
  owing_[index] = now_owing;
  append(now_owing ? owe_ : below_, index);
}

// All slots are in a bucket.
void Shard::grow_buckets(std::size_t buckets) {
  buckets_ = std::vector<Index>(buckets, kNone);
  for (Index index = 0; index < slots_.size(); ++index) {
    Index& first = bucket(hashes_[index]);
    slots_[index].chain = first;
    first = index;
  }
}

}  // namespace matricula::ratelimit
