#include "readmodel/text_store.h"

#include <algorithm>

#include "base/wide_copy.h"

namespace matricula::readmodel {

bool is_plain_json(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; });
}

std::uint32_t TextStore::add(std::string_view text) {
  if (chunks_.size() == 0) {
    chunks_.push_back(std::make_shared<Chunk>());
    chunks_.edit(0)->entries.emplace_back();
  } else if (size_ % kChunk == 0) {
    shrink_last();
    chunks_.push_back(std::make_shared<Chunk>());
  }
  Chunk& chunk = *chunks_.own(chunks_.size() - 1);
  chunk.arena.resize(chunk.arena.size() - std::min(chunk.arena.size(), kSlack));
  chunk.entries.push_back(TextRange::of(chunk.arena.size(), text));
  chunk.arena += text;
  chunk.arena.append(kSlack, '\0');
  return size_++;
}

void TextStore::shrink_last() {
  if (const std::size_t size = chunks_.size(); size > 0 && chunks_.owns(size - 1)) {
    Chunk& last = *chunks_.edit(size - 1);
    last.entries.shrink_to_fit();
    last.arena.shrink_to_fit();
  }
}

std::size_t TextStore::bytes() const {
  std::size_t total = chunks_.bytes();
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    const Chunk& chunk = *chunks_[i];
    total += sizeof(Chunk) + chunk.entries.capacity() * sizeof(TextRange) + chunk.arena.capacity();
  }
  return total;
}

}  // namespace matricula::readmodel
