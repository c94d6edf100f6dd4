#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace matricula::readmodel {

// Row numbers in an order: a sequence in two levels, groups of blocks. Copies share both until they
// are written to, so that copying costs one reference count for each group. Places count from 0.
class Ordering {
 public:
  // `rows` in order.
  explicit Ordering(std::span<const std::uint32_t> rows = {});
  // The copy may be written to; the original may not be written to any more.
  Ordering(const Ordering& other)
      : groups_(other.groups_), starts_(other.starts_), owned_(groups_.size(), false) {}
  Ordering(Ordering&&) noexcept = default;
  Ordering& operator=(const Ordering& other) { return *this = Ordering(other); }
  Ordering& operator=(Ordering&&) noexcept = default;
  ~Ordering() = default;
  std::uint32_t size() const { return starts_.back(); }
  std::uint32_t operator[](std::uint32_t place) const {
    const Position at = position_of(place);
    return groups_[at.group]->blocks[at.block][at.offset];
  }
  // How many rows come before the first for which `is_past` holds; it must hold for all after that.
  template <typename IsPast>
  std::uint32_t count_before(const IsPast& is_past) const;
  void insert(std::uint32_t place, std::uint32_t row);
  void erase(std::uint32_t place);
  std::size_t bytes() const;

 private:
  static constexpr std::uint32_t kBlockMax = 512;
  static constexpr std::uint32_t kBlockLoaded = 480;  // room for what comes
  static constexpr std::size_t kGroupMax = 64;        // blocks
  static constexpr std::size_t kGroupLoaded = 48;

  struct Group {
    std::vector<std::shared_ptr<std::uint32_t[]>> blocks = {};  // none is empty
    std::vector<std::uint32_t> starts = {0};  // of each block within the group, and its size

    std::uint32_t size_of(std::size_t block) const { return starts[block + 1] - starts[block]; }
    void push_back(std::shared_ptr<std::uint32_t[]> block, std::uint32_t size) {
      blocks.push_back(std::move(block));
      starts.push_back(starts.back() + size);
    }
  };
  struct Position {
    std::size_t group = 0;
    std::size_t block = 0;
    std::uint32_t offset = 0;
  };

 public:
  // Steps from row to row in either direction.
  class Walker {
   public:
    // At the row of `place`, which exists.
    Walker(const Ordering& ordering, std::uint32_t place) : ordering_(ordering) {
      const Position at = ordering.position_of(place);
      group_ = at.group;
      block_ = at.block;
      enter(at.offset);
    }
    std::uint32_t row() const { return *at_; }
    // Not beyond the ends.
    void forward() {
      if (++at_ == end_) {
        if (++block_ == group().blocks.size()) {
          ++group_;
          block_ = 0;
        }
        enter(0);
      }
    }
    void backward() {
      if (at_ != begin_) {
        --at_;
        return;
      }
      if (block_ == 0) {
        --group_;
        block_ = group().blocks.size();
      }
      --block_;
      enter(group().size_of(block_) - 1);
    }

   private:
    const Group& group() const { return *ordering_.groups_[group_]; }
    void enter(std::uint32_t offset) {
      const bool is_last =
          group_ + 1 == ordering_.groups_.size() && block_ + 1 == group().blocks.size();
      begin_ = group().blocks[block_].get();
      end_ = is_last ? nullptr : begin_ + group().size_of(block_);
      at_ = begin_ + offset;
    }
    const Ordering& ordering_;
    std::size_t group_ = 0;
    std::size_t block_ = 0;
    const std::uint32_t* begin_ = nullptr;
    const std::uint32_t* end_ = nullptr;  // null in the last block
    const std::uint32_t* at_ = nullptr;
  };

 private:
  static std::size_t part_of(const std::vector<std::uint32_t>& starts, std::uint32_t place) {
    return static_cast<std::size_t>(std::ranges::upper_bound(starts, place) - starts.begin()) - 1;
  }
  // Of a place where a row is.
  Position position_of(std::uint32_t place) const {
    const std::size_t group = part_of(starts_, place);
    const std::uint32_t within = place - starts_[group];
    const std::vector<std::uint32_t>& starts = groups_[group]->starts;
    const std::size_t block = part_of(starts, within);
    return {.group = group, .block = block, .offset = within - starts[block]};
  }
  Group& own(std::size_t group);
  void split(std::size_t group);

  std::vector<std::shared_ptr<Group>> groups_;  // none is empty
  std::vector<std::uint32_t> starts_ = {0};     // of each group, and the size
  std::vector<bool> owned_;                     // groups that no copy shares
};

template <typename IsPast>
std::uint32_t Ordering::count_before(const IsPast& is_past) const {
  // The first part whose last row is past has the place.
  const auto first_past = [&](std::size_t parts, const auto& last_row) {
    std::size_t low = 0;
    std::size_t high = parts;
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (is_past(last_row(middle))) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  };
  const auto last_of_block = [](const Group& group, std::size_t block) {
    return group.blocks[block][group.size_of(block) - 1];
  };
  const std::size_t in = first_past(groups_.size(), [&](std::size_t group) {
    return last_of_block(*groups_[group], groups_[group]->blocks.size() - 1);
  });
  if (in == groups_.size()) {
    return size();
  }
  const Group& group = *groups_[in];
  const std::size_t block =
      first_past(group.blocks.size(), [&](std::size_t each) { return last_of_block(group, each); });
  const std::uint32_t* const begin = group.blocks[block].get();
  const std::uint32_t* const found = std::partition_point(
      begin, begin + group.size_of(block), [&](std::uint32_t row) { return !is_past(row); });
  return starts_[in] + group.starts[block] + static_cast<std::uint32_t>(found - begin);
}

}  // namespace matricula::readmodel
