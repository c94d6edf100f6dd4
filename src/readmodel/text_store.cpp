#include "readmodel/text_store.h"

#include <algorithm>

#include "base/wide_copy.h"

namespace matricula::readmodel {

bool is_plain_json(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; });
}

std::uint32_t TextStore::add(std::string_view text) {
  if (chunks_.empty()) {
    chunks_.push_back(std::make_shared<Chunk>());
    chunks_.back()->entries.emplace_back();
  } else if (size_ % kChunk == 0) {
    shrink_last();
    chunks_.push_back(std::make_shared<Chunk>());
  } else if (chunks_.size() <= shared_chunks_) {
    chunks_.back() = std::make_shared<Chunk>(*chunks_.back());
    shared_chunks_ = chunks_.size() - 1;
  }
  Chunk& chunk = *chunks_.back();
  chunk.arena.resize(chunk.arena.size() - std::min(chunk.arena.size(), kSlack));
  chunk.entries.push_back(TextRange::of(chunk.arena.size(), text));
  chunk.arena += text;
  chunk.arena.append(kSlack, '\0');
  return size_++;
}

void TextStore::shrink_last() {
  if (chunks_.size() > shared_chunks_) {
    chunks_.back()->entries.shrink_to_fit();
    chunks_.back()->arena.shrink_to_fit();
  }
}

std::size_t TextStore::bytes() const {
  std::size_t total = 0;
  for (const auto& chunk : chunks_) {
    total += sizeof(Chunk) + sizeof(chunk) + chunk->entries.capacity() * sizeof(TextRange) +
             chunk->arena.capacity();
  }
  return total;
}

}  // namespace matricula::readmodel
