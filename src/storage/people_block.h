#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/database.h"

// How the people of a company are stored for searches. Pure.
//
// A search text has the parts that free text is searched in, lower-cased, a line each: e-mail
// address, first name, last name, both names. Line feeds inside a part are escaped, so that no
// search matches across two parts.
namespace matricula::storage {

// Escapes line feeds and U+0004 to U+0006. An escaped text contains another escaped one exactly
// when the texts do: U+0004 begins an escape, and U+0005 and U+0006 never do.
void append_search_part(std::string_view part, std::string& out);
// The inverse of append_search_part().
std::string read_search_part(std::string_view escaped);

inline constexpr std::size_t kPersonIdBytes = 16;

// A person as a block holds them.
struct FiledPerson {
  std::string id;  // sixteen bytes
  std::string search;

  // The key of the order of blocks and of people in them: the lower-cased e-mail address.
  std::string email_key() const;
};

// A block: people who are neighbours in the order of their e-mail addresses, with their texts one
// behind the other, so that one search over all of them finds those that match.
std::string write_people_block(std::span<const FiledPerson> people);

// Reads a block in place; the bytes are borrowed.
class PeopleBlock {
 public:
  // nullopt where the bytes are no block.
  static std::optional<PeopleBlock> read(Bytes bytes);
  std::size_t size() const { return ends_.size(); }
  std::string_view id(std::size_t place) const;
  std::string_view search(std::size_t place) const;
  // Appends the places of those whose text contains `needle`, ascending.
  void find(std::string_view needle, std::vector<std::size_t>& places) const;

 private:
  std::string_view ids_;
  std::string_view texts_;
  std::vector<std::uint32_t> ends_;  // of each text in `texts_`, its closing line feed included
};

// Grams: the sequences of one, two and three bytes of a text, within a line.
using Gram = std::int64_t;
// Appends the grams of a search text; a gram may be appended more than once.
void append_grams(std::string_view search, std::vector<Gram>& out);
// The grams that a text has to have to contain `needle`, at most kNeedleGramsMax, each once.
std::vector<Gram> needle_grams(std::string_view needle);

// The set of block numbers of a gram: ascending numbers, delta encoded, seven bits a byte.
std::string write_block_set(std::span<const std::uint32_t> ascending);
std::vector<std::uint32_t> read_block_set(Bytes bytes);
// Leaves those of `blocks`, ascending, that are in the set.
void keep_common_blocks(Bytes set, std::vector<std::uint32_t>& blocks);

}  // namespace matricula::storage
