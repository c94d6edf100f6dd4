#include "readmodel/ordering.h"

namespace matricula::readmodel {
namespace {

std::shared_ptr<std::uint32_t[]> make_block(std::span<const std::uint32_t> rows) {
  auto block = std::make_shared<std::uint32_t[]>(rows.size());
  std::ranges::copy(rows, block.get());
  return block;
}

}  // namespace

Ordering::Ordering(std::span<const std::uint32_t> rows) {
  starts_.push_back(0);
  for (std::size_t begin = 0; begin < rows.size(); begin += kBlockLoaded) {
    const auto part = rows.subspan(begin, std::min<std::size_t>(kBlockLoaded, rows.size() - begin));
    blocks_.push_back(make_block(part));
    starts_.push_back(starts_.back() + static_cast<std::uint32_t>(part.size()));
  }
}

// By a number of rows that may stand for a negative one.
void Ordering::shift(std::size_t first, std::uint32_t by) {
  for (std::size_t i = first; i < starts_.size(); ++i) {
    starts_[i] += by;
  }
}

void Ordering::insert(std::uint32_t place, std::uint32_t row) {
  if (blocks_.empty()) {
    blocks_.push_back(make_block(std::span(&row, 1)));
    starts_.push_back(1);
    return;
  }
  const std::size_t block = block_of(std::min(place, size() - 1));
  const std::uint32_t size_before = block_size(block);
  const std::uint32_t offset = place - starts_[block];
  auto grown = std::make_shared<std::uint32_t[]>(size_before + 1);
  const std::uint32_t* const old = blocks_[block].get();
  std::copy(old, old + offset, grown.get());
  grown[offset] = row;
  std::copy(old + offset, old + size_before, grown.get() + offset + 1);
  shift(block + 1, 1);
  if (size_before + 1 <= kBlockMax) {
    blocks_[block] = std::move(grown);
    return;
  }
  const std::span<const std::uint32_t> all(grown.get(), size_before + 1);
  const std::uint32_t half = (size_before + 1) / 2;
  blocks_[block] = make_block(all.first(half));
  const auto next = static_cast<std::ptrdiff_t>(block) + 1;
  blocks_.insert(blocks_.begin() + next, make_block(all.subspan(half)));
  starts_.insert(starts_.begin() + next, starts_[block] + half);
}

void Ordering::erase(std::uint32_t place) {
  const std::size_t block = block_of(place);
  const std::uint32_t size_before = block_size(block);
  const std::uint32_t offset = place - starts_[block];
  shift(block + 1, ~std::uint32_t{0});
  if (size_before == 1) {
    const auto at = static_cast<std::ptrdiff_t>(block);
    blocks_.erase(blocks_.begin() + at);
    starts_.erase(starts_.begin() + at);
    return;
  }
  auto shrunk = std::make_shared<std::uint32_t[]>(size_before - 1);
  const std::uint32_t* const old = blocks_[block].get();
  std::copy(old, old + offset, shrunk.get());
  std::copy(old + offset + 1, old + size_before, shrunk.get() + offset);
  blocks_[block] = std::move(shrunk);
}

std::size_t Ordering::bytes() const {
  return std::size_t{4} * size() + blocks_.size() * (sizeof(blocks_.front()) + 16) +
         starts_.size() * 4;
}

}  // namespace matricula::readmodel
