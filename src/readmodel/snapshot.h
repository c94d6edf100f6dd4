#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "readmodel/dictionary.h"
#include "readmodel/layout.h"
#include "readmodel/ordering.h"
#include "readmodel/people.h"
#include "readmodel/people_index.h"
#include "readmodel/row_store.h"
#include "readmodel/text_store.h"
#include "storage/list_scope.h"

namespace matricula::readmodel {

// One committed state of one company's list. Immutable once it is published, and then safe to read
// from any thread. Later states share all unchanged parts with it.
struct Snapshot {
  explicit Snapshot(const Layout& of);

  const Layout* layout;  // outlives it
  RowStore rows;
  People people;
  TextStore texts;                                              // the rows' own
  std::vector<std::shared_ptr<const Dictionary>> dictionaries;  // by slot
  std::vector<Ordering> indexes;                                // as in the layout
  // The meaning of each code of a row: the texts of the layout's joint filters.
  std::vector<std::vector<std::uint32_t>> codes;
  std::array<std::uint32_t, 256> rows_of_code = {};
  std::vector<std::uint32_t> free_rows;
  // The index of people, of those from when the company was loaded. `moved` has those of them whose
  // rows are not neighbours any more, or who have none. `others` are the people who were added
  // later and the moved ones; searches check them one by one.
  std::shared_ptr<const PeopleIndex> search;
  std::vector<std::uint64_t> moved;
  std::vector<std::uint32_t> others;
  std::uint32_t added = 0;  // people and own texts since the company was loaded

  std::uint32_t size() const { return indexes.front().size(); }
  bool is_moved(std::uint32_t person) const {
    return (moved[person / 64] >> (person % 64) & 1U) != 0;
  }
  // Whether loading the company anew would pay: searches check many people one by one, or much
  // memory holds values that no row has any more.
  bool is_fragmented() const;
  std::size_t bytes() const;
};

// Compares rows by parts of an index, none of which is null: below, at or above zero.
int compare_rows(const Snapshot& snapshot, std::span<const std::uint16_t> parts, const std::byte* a,
                 const std::byte* b);
// Compares a row with the values of the first of the parts.
int compare_to(const Snapshot& snapshot, std::span<const std::uint16_t> parts, const std::byte* row,
               std::span<const storage::KeyValue> values);

// Where in an index rows with these values begin, or end: the number of rows before that.
enum class Side : std::uint8_t { kBefore, kBehind };
std::uint32_t count_before(const Snapshot& snapshot, std::size_t index,
                           std::span<const storage::KeyValue> values, Side side);

}  // namespace matricula::readmodel
