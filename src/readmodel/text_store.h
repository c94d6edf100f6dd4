#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "readmodel/shared_chunks.h"
#include "readmodel/text_range.h"

namespace matricula::readmodel {

// Texts by number, counted from 1; 0 is null. Texts are only added; copies share those that they
// have in common.
class TextStore {
 public:
  // Has kSlack readable bytes behind it.
  std::string_view text(std::uint32_t number) const {
    const TextRange& entry = entry_of(number);
    return {chunks_[number / kChunk]->arena.data() + entry.begin, entry.size()};
  }
  // Whether the text needs no escapes in a JSON string.
  bool is_plain(std::uint32_t number) const { return entry_of(number).is_plain(); }
  // Adds a text; returns its number.
  std::uint32_t add(std::string_view text);
  std::uint32_t size() const { return size_; }
  // Gives back the room that the last texts do not need.
  void shrink_last();
  std::size_t bytes() const;

 private:
  static constexpr std::uint32_t kChunk = 256;
  struct Chunk {
    std::vector<TextRange> entries;
    std::string arena;  // with kSlack bytes more
  };
  const TextRange& entry_of(std::uint32_t number) const {
    return chunks_[number / kChunk]->entries[number % kChunk];
  }

  std::uint32_t size_ = 1;
  SharedChunks<Chunk> chunks_;  // all full but the last; the first begins with null
};

}  // namespace matricula::readmodel
