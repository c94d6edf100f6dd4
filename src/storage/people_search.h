#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sql/list_text.h"
#include "storage/database.h"
#include "storage/search_statements.h"

namespace matricula::storage {

// Finds a company's people by a part of their search texts, in the order of their e-mail addresses,
// through the index that people_index.h keeps. Reads that belong together are to see one state of
// the store. One thread at a time.
class PeopleSearch {
 public:
  explicit PeopleSearch(Session& session)
      : session_(session), statements_(search_statements(session.dialect())) {}

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
  // A candidate by its first key.
  using Placed = std::pair<std::string, std::int64_t>;

  bool is_forwards() const { return query_.direction == sql::Direction::kForwards; }
  void choose_plan();
  bool is_candidate(std::int64_t block) const;
  Result<void> sort_few();
  Result<void> read_few(std::size_t wanted, std::string& ids);
  Result<void> walk(std::size_t wanted, std::string& ids);
  Result<void> read_batch(std::size_t wanted, std::string& ids);
  Result<void> read_block(std::int64_t block, std::string& ids);
  bool note_end(std::string_view first_key, bool was_read);
  void take(Bytes people, std::string& ids);

  Session& session_;
  const SearchStatements& statements_;
  Query query_;
  bool is_done_ = true;
  bool is_continued_ = false;
  bool is_few_ = false;                    // so that each candidate is looked up
  std::vector<std::uint32_t> candidates_;  // blocks that can hold someone, ascending
  std::string bits_;                       // of them: bit n % 8 of byte n / 8
  std::string place_;                      // the first key to begin with, or that was read last
  std::vector<Placed> few_;                // in the order of the search, once they are known
  std::size_t few_read_ = 0;
  std::int64_t batch_ = 0;  // blocks to read next
  std::vector<Value> list_;
  std::vector<std::size_t> found_;
};

}  // namespace matricula::storage
