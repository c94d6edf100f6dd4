#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sql/list_text.h"
#include "storage/database.h"

namespace matricula::storage {

// Finds a company's people by a part of their search texts, in the order of their e-mail addresses,
// through the index that people_index.h keeps. Reads that belong together are to see one state of
// the store. One thread at a time.
class PeopleSearch {
 public:
  PeopleSearch(Session& session, sql::Dialect dialect) : session_(session), dialect_(dialect) {}

  struct Query {
    std::string_view company;
    std::string_view needle;  // escaped, not empty; borrowed until the search ends
    sql::Direction direction = sql::Direction::kForwards;
    // Where to begin: people with an address before it, in that direction, may be left out.
    std::optional<std::string_view> begin = {};
    // Where to end, likewise.
    std::optional<std::string_view> end = {};
  };

  // Begins a search. False where the index does not hold everyone of the company yet.
  Result<bool> start(const Query& query);
  // Appends the sixteen bytes of the ids of those who come next, at least `people_min` of them
  // unless there are fewer, and not many more.
  Result<void> next(std::size_t people_min, std::string& ids);
  // Whether all were found.
  bool is_done() const { return is_done_; }

 private:
  void take(const Rows& row, std::string& ids);

  Session& session_;
  const sql::Dialect dialect_;
  Query query_;
  bool is_done_ = true;
  bool is_continued_ = false;
  std::int64_t batch_ = 0;         // blocks to read next
  std::vector<Value> candidates_;  // blocks that can hold someone
  std::string place_;              // the first key to begin with, or that was read last
  std::vector<std::size_t> found_;
};

}  // namespace matricula::storage
