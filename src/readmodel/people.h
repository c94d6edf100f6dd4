#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "readmodel/layout.h"
#include "readmodel/shared_chunks.h"
#include "readmodel/text_range.h"
#include "storage/database.h"

namespace matricula::readmodel {

// A person of a company. Once added, it never changes: a person with a new name is added again.
struct Person {
  std::array<std::byte, 16> id = {};
  // Rises with the e-mail address; equal where addresses are.
  std::uint64_t label = 0;
  // For people from when the company was loaded: their rows, which are neighbours until one of them
  // is added or removed.
  std::uint32_t first_row = 0;
  std::uint32_t rows = 0;

  std::string_view id_text() const { return storage::as_text(storage::Bytes(id)); }
};

// The people of one company, by number. Copies share what they hold.
class People {
 public:
  explicit People(std::uint16_t texts = 0) : texts_(texts) {}
  std::uint32_t size() const { return size_; }
  const Person& operator[](std::uint32_t number) const {
    return chunks_[number / kChunk]->people[number % kChunk];
  }
  std::string_view text(std::uint32_t number, std::uint16_t slot) const {
    const Chunk& chunk = *chunks_[number / kChunk];
    const TextRange& range = chunk.ranges[std::size_t{number % kChunk} * texts_ + slot];
    return {chunk.arena.data() + range.begin, range.size()};
  }
  // Which of the people from `begin` to before `end` have the needle in this text, bit by bit from
  // the lowest. They are at most kNeighbours, and `begin` is a multiple of that.
  std::uint32_t find(std::uint32_t begin, std::uint32_t end, std::uint16_t slot,
                     std::string_view needle) const;
  static constexpr std::uint32_t kNeighbours = 32;
  // Whether the text needs no escapes in a JSON string.
  bool is_plain(std::uint32_t number, std::uint16_t slot) const {
    return chunks_[number / kChunk]
        ->ranges[std::size_t{number % kChunk} * texts_ + slot]
        .is_plain();
  }
  // Prefetches the entry of a person, then their texts, into the processor's cache.
  void prefetch(std::uint32_t number) const {
    const Chunk& chunk = *chunks_[number / kChunk];
    __builtin_prefetch(&chunk.people[number % kChunk]);
    __builtin_prefetch(&chunk.ranges[std::size_t{number % kChunk} * texts_]);
  }
  void prefetch_texts(std::uint32_t number) const {
    if (texts_ == 0) {
      return;
    }
    const Chunk& chunk = *chunks_[number / kChunk];
    // The last slot's text is the first in the arena.
    const TextRange& first = chunk.ranges[(std::size_t{number % kChunk} + 1) * texts_ - 1];
    __builtin_prefetch(chunk.arena.data() + first.begin);
    __builtin_prefetch(chunk.arena.data() + first.begin + kCacheLine);
  }
  // Adds a person with their texts, by slot; the number.
  std::uint32_t add(const Person& person, const std::vector<std::string_view>& texts);
  // Precondition: no copy shares this person.
  Person& edit(std::uint32_t number) {
    return chunks_.edit(number / kChunk)->people[number % kChunk];
  }
  // Gives back the room that the last people do not need.
  void shrink_last();
  std::size_t bytes() const;

 private:
  static constexpr std::uint32_t kChunk = 256;
  static constexpr std::size_t kCacheLine = 64;
  struct Chunk {
    std::vector<Person> people;
    std::vector<TextRange> ranges;
    std::string arena;  // with kSlack bytes more
  };

  std::uint16_t texts_;
  std::uint32_t size_ = 0;
  SharedChunks<Chunk> chunks_;  // all full but the last
};

}  // namespace matricula::readmodel
