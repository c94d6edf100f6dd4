#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "base/assert.h"

namespace matricula::readmodel {

// Chunks by number, which copies share until they are replaced. Reference counts are those of
// groups of chunks: a copy touches one for each group, and reads none of the chunks, which are
// mostly in no processor's cache.
template <typename Chunk>
class SharedChunks {
 public:
  using Pointer = std::shared_ptr<Chunk>;
  using Element = typename Pointer::element_type;

  SharedChunks() = default;
  // The copy may be written to; the original may not be written to any more.
  SharedChunks(const SharedChunks& other)
      : chunks_(other.chunks_),
        groups_(other.groups_),
        owned_(chunks_.size(), false),
        owned_groups_(groups_.size(), false) {}
  SharedChunks(SharedChunks&&) noexcept = default;
  SharedChunks& operator=(const SharedChunks& other) { return *this = SharedChunks(other); }
  SharedChunks& operator=(SharedChunks&&) noexcept = default;
  ~SharedChunks() = default;

  std::size_t size() const { return chunks_.size(); }
  const Element* operator[](std::size_t number) const { return chunks_[number]; }
  // Whether no copy shares the chunk.
  bool owns(std::size_t number) const { return owned_[number]; }
  // The chunk to write to. Precondition: it is owned.
  Element* edit(std::size_t number) {
    MATRICULA_ASSERT(owned_[number]);
    return chunks_[number];
  }
  // The chunk to write to. Where copies share it, `clone(chunk)` takes its place here; they keep
  // it.
  template <typename Clone>
  Element* own(std::size_t number, const Clone& clone) {
    if (!owned_[number]) {
      replace(number, clone(chunks_[number]));
    }
    return chunks_[number];
  }
  Element* own(std::size_t number) {
    return own(number, [](const Element* chunk) { return std::make_shared<Element>(*chunk); });
  }
  // Adds a chunk that nothing else writes to.
  void push_back(Pointer chunk) {
    if (chunks_.size() % kGroup == 0) {
      groups_.push_back(std::make_shared<Group>());
      owned_groups_.push_back(true);
    }
    chunks_.push_back(chunk.get());
    owned_.push_back(true);
    own_group(groups_.size() - 1).push_back(std::move(chunk));
  }
  // Without what is in the chunks.
  std::size_t bytes() const {
    constexpr std::size_t kCounts = 16;  // of a shared object
    return chunks_.size() * (sizeof(Element*) + sizeof(Pointer) + kCounts) +
           groups_.size() * (sizeof(std::shared_ptr<Group>) + sizeof(Group) + kCounts);
  }

 private:
  static constexpr std::size_t kGroup = 64;
  using Group = std::vector<Pointer>;

  void replace(std::size_t number, Pointer chunk) {
    chunks_[number] = chunk.get();
    owned_[number] = true;
    own_group(number / kGroup)[number % kGroup] = std::move(chunk);
  }
  Group& own_group(std::size_t group) {
    if (!owned_groups_[group]) {
      groups_[group] = std::make_shared<Group>(*groups_[group]);
      owned_groups_[group] = true;
    }
    return *groups_[group];
  }

  std::vector<Element*> chunks_;  // the same as in the groups
  std::vector<std::shared_ptr<Group>> groups_;
  std::vector<bool> owned_;
  std::vector<bool> owned_groups_;
};

}  // namespace matricula::readmodel
