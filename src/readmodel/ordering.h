#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace matricula::readmodel {

// Row numbers in an order, in blocks that copies share. Places count from 0.
class Ordering {
 public:
  // `rows` in order.
  explicit Ordering(std::span<const std::uint32_t> rows = {});
  std::uint32_t size() const { return starts_.back(); }
  std::uint32_t operator[](std::uint32_t place) const {
    const std::size_t block = block_of(place);
    return blocks_[block][place - starts_[block]];
  }
  // How many rows come before the first that `is_past` holds for; it must hold for all behind.
  template <typename IsPast>
  std::uint32_t count_before(const IsPast& is_past) const;
  void insert(std::uint32_t place, std::uint32_t row);
  void erase(std::uint32_t place);
  std::size_t bytes() const;

  // Steps from row to row in either direction.
  class Walker {
   public:
    // At the row of `place`, which exists.
    Walker(const Ordering& ordering, std::uint32_t place)
        : ordering_(ordering), block_(ordering.block_of(place)) {
      enter(place - ordering.starts_[block_]);
    }
    std::uint32_t row() const { return *at_; }
    // Not beyond the ends.
    void forward() {
      if (++at_ == end_) {
        ++block_;
        enter(0);
      }
    }
    void backward() {
      if (at_ == begin_) {
        --block_;
        enter(ordering_.block_size(block_) - 1);
      } else {
        --at_;
      }
    }

   private:
    void enter(std::uint32_t offset) {
      begin_ = ordering_.blocks_[block_].get();
      end_ =
          block_ + 1 < ordering_.blocks_.size() ? begin_ + ordering_.block_size(block_) : nullptr;
      at_ = begin_ + offset;
    }
    const Ordering& ordering_;
    std::size_t block_;
    const std::uint32_t* begin_ = nullptr;
    const std::uint32_t* end_ = nullptr;  // null in the last block
    const std::uint32_t* at_ = nullptr;
  };

 private:
  static constexpr std::uint32_t kBlockMax = 512;
  static constexpr std::uint32_t kBlockLoaded = 480;  // room for what comes

  std::size_t block_of(std::uint32_t place) const {
    return static_cast<std::size_t>(std::ranges::upper_bound(starts_, place) - starts_.begin()) - 1;
  }
  std::uint32_t block_size(std::size_t block) const { return starts_[block + 1] - starts_[block]; }
  void shift(std::size_t first, std::uint32_t by);

  std::vector<std::shared_ptr<std::uint32_t[]>> blocks_;  // none is empty
  std::vector<std::uint32_t> starts_;                     // of each block, and the size
};

template <typename IsPast>
std::uint32_t Ordering::count_before(const IsPast& is_past) const {
  // The first block whose last row is past has the place.
  std::size_t low = 0;
  std::size_t high = blocks_.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (is_past(blocks_[middle][block_size(middle) - 1])) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  if (low == blocks_.size()) {
    return size();
  }
  const std::uint32_t* const begin = blocks_[low].get();
  const std::uint32_t* const found = std::partition_point(
      begin, begin + block_size(low), [&](std::uint32_t row) { return !is_past(row); });
  return starts_[low] + static_cast<std::uint32_t>(found - begin);
}

}  // namespace matricula::readmodel
