#include "parquet/dictionary.h"

#include <algorithm>
#include <cstring>

#include "parquet/plain.h"

namespace matricula::parquet {
namespace {

constexpr std::size_t kSlotsMin = 64;
constexpr unsigned kLengthBytes = 4;  // in front of a text in encoding PLAIN
// Values that do not collide on purpose take one or two.
constexpr std::uint64_t kComparisonsPerLookupMax = 16;

// Values are compared where their hashes lead to the same slot, so all that these have to be is
// quick and even; is_slow() is the defence against values that were chosen to collide. The bits in
// which reals differ are the high ones.
constexpr std::uint64_t mixed(std::uint64_t value) {
  value ^= value >> 32U;
  value *= 0x9e3779b97f4a7c15U;
  return value ^ (value >> 32U);
}

template <typename Word>
std::uint64_t word_at(const char* bytes) {
  Word word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

std::uint64_t hash_of_text(std::string_view text) {
  using Half = std::uint32_t;
  using Word = std::uint64_t;
  std::uint64_t hash = mixed(text.size());
  const char* const end = text.data() + text.size();
  if (text.size() >= sizeof(Word)) {
    for (const char* at = text.data(); at < end - sizeof(Word); at += sizeof(Word)) {
      hash = mixed(hash ^ word_at<Word>(at));
    }
    return mixed(hash ^ word_at<Word>(end - sizeof(Word)));
  }
  if (text.size() >= sizeof(Half)) {
    return mixed(hash ^ (word_at<Half>(text.data()) << 32U | word_at<Half>(end - sizeof(Half))));
  }
  for (const char c : text) {
    hash = mixed(hash ^ static_cast<unsigned char>(c));
  }
  return hash;
}

}  // namespace

std::string_view Dictionary::text(std::uint32_t number) const {
  const std::size_t start = starts_[number];
  const std::size_t end = number + 1 < starts_.size() ? starts_[number + 1] : texts_.size();
  return std::string_view(texts_).substr(start, end - start).substr(kLengthBytes);
}

std::uint32_t Dictionary::add_text(std::string_view value) {
  const std::uint64_t hash = hash_of_text(value);
  const std::uint32_t known =
      find(hash, [&](std::uint32_t number) { return text(number) == value; });
  if (known < size()) {
    return known;
  }
  const std::uint32_t number = take_slot(hash);
  starts_.push_back(texts_.size());
  append_little_endian(texts_, value.size(), kLengthBytes);
  texts_ += value;
  return number;
}

std::uint32_t Dictionary::add_number(std::uint64_t bits) {
  const std::uint64_t hash = mixed(bits);
  const std::uint32_t known =
      find(hash, [&](std::uint32_t number) { return numbers_[number] == bits; });
  if (known < size()) {
    return known;
  }
  const std::uint32_t number = take_slot(hash);
  numbers_.push_back(bits);
  return number;
}

// The number of the value with this hash for which `is_same` holds; size() where there is none.
template <typename IsSame>
std::uint32_t Dictionary::find(std::uint64_t hash, IsSame&& is_same) {
  ++lookups_;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = hash & mask; slot < slots_.size() && slots_[slot] != 0;
       slot = (slot + 1) & mask) {
    ++comparisons_;
    if (is_same(slots_[slot] - 1)) {
      return slots_[slot] - 1;
    }
  }
  return static_cast<std::uint32_t>(size());
}

bool Dictionary::is_slow() const {
  return comparisons_ > kComparisonsPerLookupMax * (lookups_ + kSlotsMin);
}

void Dictionary::append_plain(std::string& out, std::uint32_t number) const {
  if (width_ == 0) {
    const std::string_view value = text(number);
    append_little_endian(out, value.size(), kLengthBytes);
    out += value;
  } else {
    append_little_endian(out, numbers_[number], width_);
  }
}

void Dictionary::append_plain(std::string& out) const {
  out += texts_;
  for (const std::uint64_t bits : numbers_) {
    append_little_endian(out, bits, width_);
  }
}

std::uint64_t Dictionary::hash_of(std::uint32_t number) const {
  return width_ == 0 ? hash_of_text(text(number)) : mixed(numbers_[number]);
}

// Gives the next number to a value with this hash that is not there yet.
std::uint32_t Dictionary::take_slot(std::uint64_t hash) {
  const auto number = static_cast<std::uint32_t>(size());
  // At most half of the slots are taken, so that a free one is near.
  if (size() * 2 >= slots_.size()) {
    grow();
  }
  slots_[free_slot(hash)] = number + 1;
  return number;
}

std::size_t Dictionary::free_slot(std::uint64_t hash) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash & mask;
  while (slots_[slot] != 0) {
    slot = (slot + 1) & mask;
  }
  return slot;
}

void Dictionary::grow() {
  slots_.assign(std::max(kSlotsMin, slots_.size() * 2), 0);
  for (std::uint32_t number = 0; number < size(); ++number) {
    slots_[free_slot(hash_of(number))] = number + 1;
  }
}

void Dictionary::clear() {
  texts_.clear();
  starts_.clear();
  numbers_.clear();
  lookups_ = 0;
  comparisons_ = 0;
  std::ranges::fill(slots_, 0U);
}

}  // namespace matricula::parquet
