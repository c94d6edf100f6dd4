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

// Which people may have a text in their search text, by blocks of neighbours: for each one, two and
// three bytes in a row, the blocks that have them. Immutable.
class PeopleIndex {
 public:
  static constexpr std::uint32_t kBlock = 32;

  // Of all people there are; `slot` is that of the search text.
  PeopleIndex(const People& people, std::uint16_t slot);
  // The people it was made of: numbers below this.
  std::uint32_t people() const { return people_; }
  std::uint32_t blocks() const { return (people_ + kBlock - 1) / kBlock; }
  // The blocks that may have someone, ascending, in `out`.
  void find(std::string_view needle, std::vector<std::uint32_t>& out) const;
  // How many rows are of people with this byte in their search text.
  std::uint32_t rows_with(char byte) const {
    return rows_of_byte_[static_cast<unsigned char>(byte)];
  }
  std::size_t bytes() const { return lists_.capacity() + grams_.capacity() * sizeof(Gram); }

 private:
  struct Gram {
    std::uint32_t bytes = 0;
    std::uint32_t begin = 0;  // of its list in `lists_`; it ends where the next one's begins
  };
  std::string_view list_of(std::uint32_t gram) const;
  void count_rows(const People& people, std::uint16_t slot);

  std::uint32_t people_ = 0;
  std::array<std::uint32_t, 256> rows_of_byte_ = {};
  std::vector<Gram> grams_;  // ascending, and one that ends the last list
  std::string lists_;        // ascending block numbers as distances, seven bits a byte
};

}  // namespace matricula::readmodel
