#include "gate/refused_tokens.h"

#include <cstring>

namespace matricula::gate {
namespace {

constexpr std::size_t kPlaces = 16'384;  // a power of two; 384 KiB

}  // namespace

RefusedTokens::RefusedTokens() : entries_(kPlaces) {}

bool RefusedTokens::contains(std::string_view authorization, Time now) const {
  if (now.count() >= last_until_.load(std::memory_order_relaxed)) {
    return false;
  }
  const Tag tag = hash_(authorization);
  const std::lock_guard lock(mutex_);
  const Entry& entry = entries_[place_of(tag)];
  return entry.tag == tag && now < entry.until;
}

void RefusedTokens::add(std::string_view authorization, Time now) {
  const Tag tag = hash_(authorization);
  const std::lock_guard lock(mutex_);
  entries_[place_of(tag)] = {.tag = tag, .until = now + kKeptFor};
  last_until_.store((now + kKeptFor).count(), std::memory_order_relaxed);
}

std::size_t RefusedTokens::place_of(const Tag& tag) {
  std::size_t place = 0;
  std::memcpy(&place, tag.data(), sizeof(place));
  return place % kPlaces;
}

}  // namespace matricula::gate
