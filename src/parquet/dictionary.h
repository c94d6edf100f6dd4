#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace matricula::parquet {

// The distinct values of a column, numbered in the order in which they came. One thread at a time.
class Dictionary {
 public:
  // Of texts, where `width` is 0, or of numbers that take so many bytes in encoding PLAIN.
  explicit Dictionary(unsigned width) : width_(width) {}

  // The number of the value, which is new or known. Precondition: the dictionary is of its kind.
  std::uint32_t add_text(std::string_view text);
  std::uint32_t add_number(std::uint64_t bits);
  std::size_t size() const { return width_ == 0 ? starts_.size() : numbers_.size(); }
  // Appends a value in encoding PLAIN. Precondition: number < size().
  void append_plain(std::string& out, std::uint32_t number) const;
  // All values, in the order of their numbers: what a dictionary page holds.
  void append_plain(std::string& out) const;
  // What append_plain() appends.
  std::size_t plain_bytes() const { return width_ == 0 ? texts_.size() : numbers_.size() * width_; }
  // Whether values collide so often, as only chosen ones do, that it is to be given up.
  bool is_slow() const;
  // Drops the values, keeps the memory.
  void clear();

 private:
  std::string_view text(std::uint32_t number) const;
  std::uint64_t hash_of(std::uint32_t number) const;
  template <typename IsSame>
  std::uint32_t find(std::uint64_t hash, IsSame&& is_same);
  std::uint32_t take_slot(std::uint64_t hash);
  std::size_t free_slot(std::uint64_t hash) const;
  void grow();

  unsigned width_;
  std::string texts_;                   // in encoding PLAIN
  std::vector<std::size_t> starts_;     // of each in texts_
  std::vector<std::uint64_t> numbers_;  // the values, where these are numbers
  std::vector<std::uint32_t> slots_;    // open addressing, a value's number + 1 each; 0 is free
  std::uint64_t lookups_ = 0;
  std::uint64_t comparisons_ = 0;
};

}  // namespace matricula::parquet
