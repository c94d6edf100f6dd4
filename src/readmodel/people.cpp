#include "readmodel/people.h"

#include <algorithm>

#include "base/assert.h"
#include "base/wide_copy.h"
#include "readmodel/find_text.h"

namespace matricula::readmodel {

std::uint32_t People::add(const Person& person, const std::vector<std::string_view>& texts) {
  if (size_ % kChunk == 0) {
    shrink_last();
    chunks_.push_back(std::make_shared<Chunk>());
  }
  Chunk& chunk = *chunks_.own(chunks_.size() - 1);
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

// Looks through the texts of all of them at once: each person's are behind those of the one before,
// and few people match. A match that is not within one person's text of the slot is none.
std::uint32_t People::find(std::uint32_t begin, std::uint32_t end, std::uint16_t slot,
                           std::string_view needle) const {
  MATRICULA_ASSERT(begin % kNeighbours == 0 && begin < end && end - begin <= kNeighbours);
  const Chunk& chunk = *chunks_[begin / kChunk];
  const TextRange* const ranges = &chunk.ranges[std::size_t{begin % kChunk} * texts_ + slot];
  const auto range_of = [&](std::uint32_t person) -> const TextRange& {
    return ranges[std::size_t{person} * texts_];
  };
  const std::uint32_t count = end - begin;
  const TextRange& last = range_of(count - 1);
  const std::string_view all = std::string_view(chunk.arena).substr(0, last.begin + last.size());
  std::uint32_t found = 0;
  std::uint32_t person = 0;
  for (std::size_t at = find_text(all, needle, range_of(0).begin); at != std::string_view::npos;
       at = find_text(all, needle, at)) {
    while (person + 1 < count && range_of(person + 1).begin <= at) {
      ++person;
    }
    if (at + needle.size() > std::size_t{range_of(person).begin} + range_of(person).size()) {
      ++at;
      continue;
    }
    found |= std::uint32_t{1} << person;
    if (person + 1 == count) {
      break;
    }
    at = range_of(person + 1).begin;
  }
  return found;
}

void People::shrink_last() {
  if (const std::size_t size = chunks_.size(); size > 0 && chunks_.owns(size - 1)) {
    Chunk& last = *chunks_.edit(size - 1);
    last.people.shrink_to_fit();
    last.ranges.shrink_to_fit();
    last.arena.shrink_to_fit();
  }
}

std::size_t People::bytes() const {
  std::size_t total = chunks_.bytes();
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    const Chunk& chunk = *chunks_[i];
    total += sizeof(Chunk) + chunk.people.capacity() * sizeof(Person) +
             chunk.ranges.capacity() * sizeof(TextRange) + chunk.arena.capacity();
  }
  return total;
}

}  // namespace matricula::readmodel
