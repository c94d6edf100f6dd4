#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <memory_resource>
#include <span>
#include <type_traits>
#include <vector>

namespace matricula::graphql {

// Where the items of a list gather until its end is known, and they can be copied to the arena in
// one piece. Lists within lists of the same type share the space as a stack.
template <typename T>
class Scratch {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>,
                "an arena destroys nothing");

 public:
  explicit Scratch(std::pmr::memory_resource& memory) : items_(&memory) {}

  // Where a list starts.
  std::size_t mark() const { return items_.size(); }
  void push(const T& item) {
    if (items_.empty()) {
      items_.reserve(16);
    }
    items_.push_back(item);
  }
  // Moves the items since `mark` to the arena.
  std::span<const T> take(std::size_t mark, std::pmr::memory_resource& arena) {
    const std::size_t count = items_.size() - mark;
    if (count == 0) {
      return {};
    }
    T* const begin = static_cast<T*>(arena.allocate(count * sizeof(T), alignof(T)));
    std::uninitialized_copy_n(items_.begin() + static_cast<std::ptrdiff_t>(mark), count, begin);
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(mark), items_.end());
    return {begin, count};
  }

 private:
  std::pmr::vector<T> items_;
};

}  // namespace matricula::graphql
