#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/parameters.h"
#include "portal/limits.h"

namespace matricula::portal {

// The words of a search. A row matches where each word is part of one of its cells,
// in any case of letters, or is one of its ids.
class SearchWords {
 public:
  // The parameter `q`. kBadUserInput where it has more than kSearchBytesMax bytes.
  static Result<SearchWords> read(const http::Parameters& parameters);

  // No words match everything.
  bool is_empty() const { return words_.empty(); }
  bool match(std::initializer_list<std::string_view> cells,
             std::initializer_list<std::string_view> ids) const;

 private:
  std::vector<std::string> words_;
};

// What a request searches for, and from where on.
struct SearchQuery {
  std::int64_t before = 0;  // rows with lower numbers are searched
  SearchWords words = {};
};

// The parameters `before`, by default above all numbers, and `q`. kBadUserInput names the wrong
// one.
Result<SearchQuery> read_search_query(const http::Parameters& parameters);

// What a search finds.
template <typename Row>
struct Found {
  std::vector<Row> rows = {};
  std::optional<std::int64_t> next = {};  // the number to go on below; nullopt at the end
  std::int64_t examined = 0;
};

struct SearchBounds {
  std::int64_t before = 0;  // rows with lower numbers are searched
  std::int64_t rows_max = 0;
  std::int64_t examined_max = 0;
  std::int64_t at_once = kSearchedAtOnce;  // rows that are read together
};

// Searches rows that have a `number`, from higher numbers to lower ones. `read(before, count)`
// gives the next `count` of them, fewer only at the end; `match(row)` whether a row is wanted.
template <typename Row, typename Read, typename Match>
Result<Found<Row>> search(const SearchBounds& bounds, Read&& read, Match&& match) {
  Found<Row> found;
  std::int64_t before = bounds.before;
  while (true) {
    const std::int64_t count = std::min(bounds.at_once, bounds.examined_max - found.examined);
    MATRICULA_TRY(std::vector<Row> rows, read(before, count));
    for (Row& row : rows) {
      const bool is_wanted = match(std::as_const(row));
      if (is_wanted && std::ssize(found.rows) == bounds.rows_max) {
        found.next = row.number + 1;
        return found;
      }
      before = row.number;
      ++found.examined;
      if (is_wanted) {
        found.rows.push_back(std::move(row));
      }
    }
    if (std::ssize(rows) < count) {
      return found;
    }
    if (found.examined == bounds.examined_max) {
      found.next = before;
      return found;
    }
  }
}

}  // namespace matricula::portal
