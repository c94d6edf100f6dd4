#include "parquet/dictionary.h"

#include <algorithm>
#include <functional>

namespace matricula::parquet {
namespace {

constexpr std::size_t kSlotsMin = 64;

}  // namespace

std::string_view Dictionary::at(std::uint32_t number) const {
  const std::size_t start = starts_[number];
  const std::size_t end = number + 1 < starts_.size() ? starts_[number + 1] : plain_.size();
  return std::string_view(plain_).substr(start, end - start);
}

std::uint32_t Dictionary::add(std::string_view plain) {
  // At most half of the slots are taken, so that a free one is near.
  if (starts_.size() * 2 >= slots_.size()) {
    grow();
  }
  const std::size_t hash = std::hash<std::string_view>{}(plain);
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash & mask;
  while (slots_[slot] != 0) {
    const std::uint32_t number = slots_[slot] - 1;
    if (hashes_[number] == hash && at(number) == plain) {
      return number;
    }
    slot = (slot + 1) & mask;
  }
  const auto number = static_cast<std::uint32_t>(starts_.size());
  slots_[slot] = number + 1;
  starts_.push_back(plain_.size());
  hashes_.push_back(hash);
  plain_ += plain;
  return number;
}

void Dictionary::grow() {
  slots_.assign(std::max(kSlotsMin, slots_.size() * 2), 0);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t number = 0; number < hashes_.size(); ++number) {
    std::size_t slot = hashes_[number] & mask;
    while (slots_[slot] != 0) {
      slot = (slot + 1) & mask;
    }
    slots_[slot] = static_cast<std::uint32_t>(number) + 1;
  }
}

void Dictionary::clear() {
  plain_.clear();
  starts_.clear();
  hashes_.clear();
  std::ranges::fill(slots_, 0U);
}

}  // namespace matricula::parquet
