#include "gate/refused_tokens.h"

#include <cstring>
#include <sodium.h>

#include "base/assert.h"

namespace matricula::gate {
namespace {

constexpr std::size_t kPlaces = 16'384;  // a power of two; 384 KiB

}  // namespace

RefusedTokens::RefusedTokens() : entries_(kPlaces) {
  static_assert(sizeof(Tag) == crypto_shorthash_siphashx24_BYTES);
  static_assert(sizeof(key_) == crypto_shorthash_siphashx24_KEYBYTES);
  randombytes_buf(key_.data(), key_.size());
}

bool RefusedTokens::contains(std::string_view authorization, Time now) const {
  if (now.count() >= last_until_.load(std::memory_order_relaxed)) {
    return false;
  }
  const Tag tag = tag_of(authorization);
  const std::lock_guard lock(mutex_);
  const Entry& entry = entries_[place_of(tag)];
  return entry.tag == tag && now < entry.until;
}

void RefusedTokens::add(std::string_view authorization, Time now) {
  const Tag tag = tag_of(authorization);
  const std::lock_guard lock(mutex_);
  entries_[place_of(tag)] = {.tag = tag, .until = now + kKeptFor};
  last_until_.store((now + kKeptFor).count(), std::memory_order_relaxed);
}

RefusedTokens::Tag RefusedTokens::tag_of(std::string_view authorization) const {
  Tag tag;
  const int bad = crypto_shorthash_siphashx24(
      tag.data(), reinterpret_cast<const unsigned char*>(authorization.data()),
      authorization.size(), key_.data());
  MATRICULA_ASSERT(bad == 0);
  return tag;
}

std::size_t RefusedTokens::place_of(const Tag& tag) {
  std::size_t place = 0;
  std::memcpy(&place, tag.data(), sizeof(place));
  return place % kPlaces;
}

}  // namespace matricula::gate
