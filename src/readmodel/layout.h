#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sql/relation.h"

namespace matricula::readmodel {

// Where a value of a row is kept.
enum class Place : std::uint8_t {
  kNumber,      // eight bytes in the row
  kText,        // a code in the row, of a dictionary
  kOwnText,     // the number of a text in the row: most rows have another one
  kPerson,      // the id of the row's person
  kPersonText,  // a text of the row's person
};

// A value that the list reads, filters or sorts by: one expression over its tables.
struct Source {
  std::string expression;
  std::string postgres;  // the expression in that dialect
  sql::ColumnType type = sql::ColumnType::kText;
  Place place = Place::kNumber;
  std::uint16_t slot = 0;  // within its place
};

// A sorted permutation of the rows: by these sources, one after the other. The first ones are the
// fixed columns of the list.
struct IndexParts {
  std::vector<std::uint16_t> parts;
  bool skips_null = false;       // rows whose leading part is null are not in it
  bool continues_first = false;  // the first order's parts follow the leading one
};

// How the rows of a relation are kept in memory; made from the relation alone.
//
// A row is `stride` bytes: its numbers, eight bytes each, then the codes of its texts, those of its
// own texts and the number of its person, four bytes each.
struct Layout {
  static constexpr std::uint16_t kNone = UINT16_MAX;

  const sql::Relation* relation = nullptr;
  std::vector<Source> sources;
  std::vector<std::uint16_t> columns;  // the source of each column of the relation
  std::vector<std::uint16_t> filters;  // the source of each filter
  std::size_t fixed = 0;               // fixed columns: the first parts of every index
  // The orders of the relation, in its sequence; then one for each filter whose index goes on with
  // the first order, the key, and one for each other filter that has an index.
  std::vector<IndexParts> indexes;
  std::size_t key_index = 0;
  std::uint16_t person = kNone;  // the source of the person's id; kNone where rows have none
  // Whether people are numbered in the first order, so that free text can be searched. Then
  // `address` is the source that they are sorted by, and `search_text` the source that is searched.
  bool is_by_person = false;
  std::uint16_t address = kNone;
  std::uint16_t search_text = kNone;
  std::vector<std::uint16_t> joint;  // filters (by number) that are answered by the row's code
  std::uint16_t numbers = 0;
  std::uint16_t texts = 0;  // slots of dictionaries; those of own texts follow
  std::uint16_t own_texts = 0;
  std::uint16_t person_texts = 0;
  std::size_t stride = 0;

  // nullopt where the relation cannot be kept in memory.
  static std::optional<Layout> of(const sql::Relation& relation);

  std::size_t text_offset(std::uint16_t slot) const {
    return std::size_t{8} * numbers + std::size_t{4} * slot;
  }
  std::size_t person_offset() const {
    return text_offset(static_cast<std::uint16_t>(texts + own_texts));
  }
  // The source that leads an index, behind the fixed columns.
  std::uint16_t leading(std::size_t index) const { return indexes[index].parts[fixed]; }
  // The parts of an index behind the fixed columns.
  std::span<const std::uint16_t> free_parts(std::size_t index) const {
    return std::span(indexes[index].parts).subspan(fixed);
  }
  // The order in which the tables are read for a new snapshot: the key's where it begins with the
  // person, so that a table and its people are both read from their beginning to their end; else
  // the first order.
  std::span<const std::uint16_t> reading_order() const {
    return indexes[is_by_person ? key_index : 0].parts;
  }
  // The first index that the source leads; nullopt for none.
  std::optional<std::size_t> index_of(std::uint16_t source) const;
};

// Null among a row's numbers. No integer of ours and no finite number has these bits.
inline constexpr std::uint64_t kNullNumber = 0x7FF8'0000'DEAD'0001U;
// Null among a row's codes.
inline constexpr std::uint32_t kNullCode = 0;
// The person of a row that has none.
inline constexpr std::uint32_t kNoPerson = UINT32_MAX;

template <typename Value>
Value load(const std::byte* at) {
  Value value;
  std::memcpy(&value, at, sizeof value);
  return value;
}
template <typename Value>
void store(std::byte* at, Value value) {
  std::memcpy(at, &value, sizeof value);
}

// The parts of a row.
inline std::uint64_t number_bits(const std::byte* row, std::uint16_t slot) {
  return load<std::uint64_t>(row + std::size_t{8} * slot);
}
inline std::uint32_t text_code(const Layout& layout, const std::byte* row, std::uint16_t slot) {
  return load<std::uint32_t>(row + layout.text_offset(slot));
}
inline std::uint32_t person_of(const Layout& layout, const std::byte* row) {
  return load<std::uint32_t>(row + layout.person_offset());
}
bool is_null(const Layout& layout, const std::byte* row, const Source& source);

}  // namespace matricula::readmodel
