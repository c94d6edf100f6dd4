#include "readmodel/ordering.h"

namespace matricula::readmodel {
namespace {

std::shared_ptr<std::uint32_t[]> make_block(std::span<const std::uint32_t> rows) {
  auto block = std::make_shared<std::uint32_t[]>(rows.size());
  std::ranges::copy(rows, block.get());
  return block;
}

// By a number of rows, which may be negative: modulo 2^32.
void shift(std::vector<std::uint32_t>& starts, std::size_t first, std::uint32_t by) {
  for (std::size_t i = first; i < starts.size(); ++i) {
    starts[i] += by;
  }
}

template <typename Value>
auto at(std::vector<Value>& values, std::size_t place) {
  return values.begin() + static_cast<std::ptrdiff_t>(place);
}

}  // namespace

Ordering::Ordering(std::span<const std::uint32_t> rows) {
  for (std::size_t begin = 0; begin < rows.size(); begin += kBlockLoaded) {
    if (groups_.empty() || groups_.back()->blocks.size() == kGroupLoaded) {
      groups_.push_back(std::make_shared<Group>());
      starts_.push_back(starts_.back());
      owned_.push_back(true);
    }
    const auto part = rows.subspan(begin, std::min<std::size_t>(kBlockLoaded, rows.size() - begin));
    const auto size = static_cast<std::uint32_t>(part.size());
    groups_.back()->push_back(make_block(part), size);
    starts_.back() += size;
  }
}

Ordering::Group& Ordering::own(std::size_t group) {
  if (!owned_[group]) {
    groups_[group] = std::make_shared<Group>(*groups_[group]);
    owned_[group] = true;
  }
  return *groups_[group];
}

void Ordering::insert(std::uint32_t place, std::uint32_t row) {
  if (groups_.empty()) {
    *this = Ordering(std::span(&row, 1));
    return;
  }
  // Behind all rows it is a place of the last block.
  const auto [of, block, last] = position_of(std::min(place, size() - 1));
  const std::uint32_t offset = place == size() ? last + 1 : last;
  Group& group = own(of);
  const std::uint32_t size_before = group.size_of(block);
  auto grown = std::make_shared<std::uint32_t[]>(size_before + 1);
  const std::uint32_t* const old = group.blocks[block].get();
  std::copy(old, old + offset, grown.get());
  grown[offset] = row;
  std::copy(old + offset, old + size_before, grown.get() + offset + 1);
  shift(group.starts, block + 1, 1);
  shift(starts_, of + 1, 1);
  if (size_before + 1 <= kBlockMax) {
    group.blocks[block] = std::move(grown);
    return;
  }
  const std::span<const std::uint32_t> all(grown.get(), size_before + 1);
  const std::uint32_t half = (size_before + 1) / 2;
  group.blocks[block] = make_block(all.first(half));
  group.blocks.insert(at(group.blocks, block + 1), make_block(all.subspan(half)));
  group.starts.insert(at(group.starts, block + 1), group.starts[block] + half);
  if (group.blocks.size() > kGroupMax) {
    split(of);
  }
}

// Moves the second half of an owned group's blocks into a group of their own.
void Ordering::split(std::size_t group) {
  Group& first = *groups_[group];
  const std::size_t half = first.blocks.size() / 2;
  auto second = std::make_shared<Group>();
  for (std::size_t block = half; block < first.blocks.size(); ++block) {
    second->push_back(std::move(first.blocks[block]), first.size_of(block));
  }
  first.blocks.resize(half);
  first.starts.resize(half + 1);
  starts_.insert(at(starts_, group + 1), starts_[group] + first.starts.back());
  groups_.insert(at(groups_, group + 1), std::move(second));
  owned_.insert(owned_.begin() + static_cast<std::ptrdiff_t>(group) + 1, true);
}

void Ordering::erase(std::uint32_t place) {
  const auto [of, block, offset] = position_of(place);
  Group& group = own(of);
  const std::uint32_t size_before = group.size_of(block);
  constexpr std::uint32_t kOneLess = ~std::uint32_t{0};
  shift(group.starts, block + 1, kOneLess);
  shift(starts_, of + 1, kOneLess);
  if (size_before > 1) {
    auto shrunk = std::make_shared<std::uint32_t[]>(size_before - 1);
    const std::uint32_t* const old = group.blocks[block].get();
    std::copy(old, old + offset, shrunk.get());
    std::copy(old + offset + 1, old + size_before, shrunk.get() + offset);
    group.blocks[block] = std::move(shrunk);
    return;
  }
  group.blocks.erase(at(group.blocks, block));
  group.starts.erase(at(group.starts, block));
  if (group.blocks.empty()) {
    groups_.erase(at(groups_, of));
    starts_.erase(at(starts_, of));
    owned_.erase(owned_.begin() + static_cast<std::ptrdiff_t>(of));
  }
}

std::size_t Ordering::bytes() const {
  std::size_t bytes = std::size_t{4} * size();
  for (const auto& group : groups_) {
    bytes += sizeof(Group) + group->blocks.size() * (sizeof(group->blocks.front()) + 16 + 4);
  }
  return bytes;
}

}  // namespace matricula::readmodel
