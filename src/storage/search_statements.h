#pragma once

#include <array>

#include "sql/list_text.h"
#include "storage/database.h"

namespace matricula::storage {

// What the index of people is searched with; ?1 is the company everywhere.
struct SearchStatements {
  explicit SearchStatements(sql::Dialect dialect);

  // Blocks of the company in the order of a search, without their people, from the one that covers
  // the key ?2 on, or those beyond it where the search is continued. SQLite's.
  const Statement& order(sql::Direction direction, bool is_continued) const {
    return orders_[place_of(direction, is_continued)];
  }
  // The same with their people, only of candidates, and ?4 or ?5 of them at most. Few candidates
  // are the list ?3; of many, ?3 has bit n % 8 of byte n / 8 set, below the block ?4. PostgreSQL's.
  const Statement& batch(sql::Direction direction, bool is_continued, bool is_few) const {
    return (is_few ? few_ : many_)[place_of(direction, is_continued)];
  }

  // The blocks of each gram of ?2, and a row of null where someone is not filed yet.
  const Statement grams;
  // The first keys and numbers of the blocks ?2.
  const Statement places;
  // The people of the block ?2.
  const Statement people;

 private:
  using Four = std::array<Statement, 4>;
  static std::size_t place_of(sql::Direction direction, bool is_continued) {
    return (direction == sql::Direction::kForwards ? 0U : 2U) + (is_continued ? 1U : 0U);
  }

  const Four orders_;
  const Four few_;
  const Four many_;
};

const SearchStatements& search_statements(sql::Dialect dialect);

}  // namespace matricula::storage
