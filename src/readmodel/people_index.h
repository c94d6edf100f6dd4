#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "readmodel/people.h"

namespace matricula::readmodel {

// An index of grams: for each sequence of one, two and three bytes in search texts, the blocks of
// neighbouring people whose texts have it. In segments, so that a search for the first people reads
// only the first of them. Immutable.
class PeopleIndex {
 public:
  static constexpr std::uint32_t kBlock = People::kNeighbours;
  static constexpr std::uint32_t kSegment = 2'048;  // blocks

  // Of all people there are; `slot` is that of the search text. A segment has so many blocks, 1 or
  // more.
  PeopleIndex(const People& people, std::uint16_t slot, std::uint32_t segment_blocks = kSegment);
  // How many people it covers: those with numbers below this.
  std::uint32_t people() const { return people_; }
  std::uint32_t blocks() const { return (people_ + kBlock - 1) / kBlock; }
  std::uint32_t segment_blocks() const { return segment_blocks_; }
  std::uint32_t segments() const { return static_cast<std::uint32_t>(segments_.size()); }
  // Sets `out` to the blocks of a segment that may have a match, ascending.
  void find(std::string_view needle, std::uint32_t segment, std::vector<std::uint32_t>& out) const;
  // How many rows are of people with this byte in their search text.
  std::uint32_t rows_with(char byte) const {
    return rows_of_byte_[static_cast<unsigned char>(byte)];
  }
  std::size_t bytes() const;

 private:
  struct Gram {
    std::uint32_t bytes = 0;
    std::uint32_t begin = 0;  // of its list in `lists`; it ends where the next one's begins
  };
  struct Segment {
    std::vector<Gram> grams = {};  // ascending, and one that ends the last list
    std::string lists = {};        // ascending block numbers as distances, seven bits a byte

    std::string_view list_of(std::uint32_t gram) const;
  };
  static Segment make_segment(const People& people, std::uint16_t slot, std::uint32_t begin,
                              std::uint32_t end);
  void count_rows(const People& people, std::uint16_t slot);

  std::uint32_t people_;
  std::uint32_t segment_blocks_;
  std::array<std::uint32_t, 256> rows_of_byte_ = {};
  std::vector<Segment> segments_;
};

}  // namespace matricula::readmodel
