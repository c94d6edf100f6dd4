#include "readmodel/people.h"

#include <algorithm>

#include "base/wide_copy.h"

namespace matricula::readmodel {

std::uint32_t People::add(const Person& person, const std::vector<std::string_view>& texts) {
  if (size_ % kChunk == 0) {
    shrink_last();
    chunks_.push_back(std::make_shared<Chunk>());
  } else if (chunks_.size() <= shared_chunks_) {
    chunks_.back() = std::make_shared<Chunk>(*chunks_.back());
    shared_chunks_ = chunks_.size() - 1;
  }
  Chunk& chunk = *chunks_.back();
  chunk.arena.resize(chunk.arena.size() - std::min(chunk.arena.size(), kSlack));
  const std::size_t begin = chunk.arena.size();
  const std::size_t first_range = chunk.ranges.size();
  chunk.ranges.resize(first_range + texts_);
  // The search text comes first: addresses are often a part of it.
  for (std::size_t slot = texts_; slot-- > 0;) {
    const std::string_view text = texts[slot];
    std::size_t at = chunk.arena.find(text, begin);
    if (at == std::string::npos) {
      at = chunk.arena.size();
      chunk.arena += text;
    }
    chunk.ranges[first_range + slot] = TextRange::of(at, text);
  }
  chunk.arena.append(kSlack, '\0');
  chunk.people.push_back(person);
  return size_++;
}

void People::shrink_last() {
  if (chunks_.size() > shared_chunks_) {
    Chunk& last = *chunks_.back();
    last.people.shrink_to_fit();
    last.ranges.shrink_to_fit();
    last.arena.shrink_to_fit();
  }
}

std::size_t People::bytes() const {
  std::size_t total = 0;
  for (const auto& chunk : chunks_) {
    total += sizeof(Chunk) + sizeof(chunk) + chunk->people.capacity() * sizeof(Person) +
             chunk->ranges.capacity() * sizeof(TextRange) + chunk->arena.capacity();
  }
  return total;
}

}  // namespace matricula::readmodel
