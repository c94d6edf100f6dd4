#include "records/touched_keys.h"

#include <functional>

#include "records/limits.h"

namespace matricula::records {
namespace {

constexpr unsigned kHashes = 4;

std::uint64_t hash_of(const TouchedKey& key) {
  std::string text = key.company;
  text += static_cast<char>(key.entity);
  for (const std::string& part : key.key) {
    text += '\0';
    text += part;
  }
  return std::hash<std::string>{}(text);
}

}  // namespace

void TouchedKeys::add(const TouchedKey& key) {
  if (filter_.empty()) {
    filter_.resize(kTouchedFilterBits / 64);
  }
  // Double hashing: the upper half steps through the bits that the lower half begins at.
  const std::uint64_t hash = hash_of(key);
  const std::uint64_t step = (hash >> 32U) | 1U;
  std::uint64_t bit = hash;
  bool was_set = true;
  for (unsigned i = 0; i < kHashes; ++i, bit += step) {
    const std::uint64_t place = bit % kTouchedFilterBits;
    std::uint64_t& word = filter_[place / 64];
    const std::uint64_t mask = std::uint64_t{1} << (place % 64);
    was_set = was_set && (word & mask) != 0;
    word |= mask;
  }
  if (was_set && repeated_.size() < kRetouchedMax) {
    repeated_.insert(key);
  }
}

}  // namespace matricula::records
