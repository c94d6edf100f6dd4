#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace matricula::parquet {

// The distinct values of a column, numbered in the order in which they came. Values are kept as
// their bytes in encoding PLAIN, one after the other, which is what a dictionary page holds. One
// thread at a time.
class Dictionary {
 public:
  // The number of the value with these PLAIN bytes, which is new or known.
  std::uint32_t add(std::string_view plain);
  std::size_t size() const { return starts_.size(); }
  // The PLAIN bytes of a value. Precondition: number < size().
  std::string_view at(std::uint32_t number) const;
  // Of all values, in the order of their numbers.
  const std::string& plain() const { return plain_; }
  // Forgets the values, keeps the memory.
  void clear();

 private:
  void grow();

  std::string plain_;
  std::vector<std::size_t> starts_;   // of each value in plain_
  std::vector<std::size_t> hashes_;   // of each value
  std::vector<std::uint32_t> slots_;  // open addressing, a number + 1 each; 0 is free
};

}  // namespace matricula::parquet
