#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "sql/relation.h"

namespace matricula::readmodel {

// Where a value of a row is kept.
enum class Place : std::uint8_t {
  kNumber,      // eight bytes in the row
  kText,        // a code in the row, of a dictionary
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

// A sorted permutation of the rows: by these sources, one after the other.
struct IndexParts {
  std::vector<std::uint16_t> parts;
  bool skips_null = false;  // rows whose first part is null are not in it
};

// How the rows of a relation are kept in memory; made from the relation alone.
//
// A row is `stride` bytes: its numbers, eight bytes each, then the codes of its texts and the
// number of its person, four bytes each.
struct Layout {
  const sql::Relation* relation = nullptr;
  std::vector<Source> sources;
  std::vector<std::uint16_t> columns;  // the source of each column of the relation
  std::vector<std::uint16_t> filters;  // the source of each filter
  // The orders of the relation, in its sequence; then one for each filter whose index goes on with
  // the first order; then the key.
  std::vector<IndexParts> indexes;
  std::size_t key_index = 0;
  std::uint16_t person = 0;          // the source of the person's id
  std::uint16_t address = 0;         // the source that people are in order of
  std::uint16_t search_text = 0;     // the source that free text looks into
  std::vector<std::uint16_t> joint;  // filters (by number) that are answered by the row's code
  std::uint16_t numbers = 0;
  std::uint16_t texts = 0;
  std::uint16_t person_texts = 0;
  std::size_t stride = 0;

  // nullopt where the relation is none that can be kept: its first order must be by person, and a
  // filter must search people.
  static std::optional<Layout> of(const sql::Relation& relation);

  std::size_t text_offset(std::uint16_t slot) const {
    return std::size_t{8} * numbers + std::size_t{4} * slot;
  }
  std::size_t person_offset() const { return text_offset(texts); }
  // The first index that begins with the source; nullopt for none.
  std::optional<std::size_t> index_of(std::uint16_t source) const;
};

// What stands for null among a row's numbers. No integer and no finite number has these bits.
inline constexpr std::uint64_t kNullNumber = 0x7FF8'0000'DEAD'0001U;
// What stands for null among a row's codes.
inline constexpr std::uint32_t kNullCode = 0;

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

}  // namespace matricula::readmodel
