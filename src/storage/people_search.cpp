#include "storage/people_search.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "storage/each_row.h"
#include "storage/limits.h"
#include "storage/people_block.h"
#include "storage/search_statements.h"

namespace matricula::storage {
namespace {

// Blocks that PostgreSQL reads at once: first, and at most.
constexpr std::int64_t kFirstBatch = 16;
constexpr std::int64_t kLastBatch = 256;
// So many candidates are always looked up one by one, and more of them where blocks are many.
constexpr double kFewBlocks = 64;

}  // namespace

Result<bool> PeopleSearch::start(const Query& query) {
  query_ = query;
  is_continued_ = false;
  is_done_ = false;
  candidates_.clear();
  const std::vector<Gram> grams = needle_grams(query.needle);
  list_.assign(grams.begin(), grams.end());
  const Bind binds[] = {query.company, ValueList{list_}};
  MATRICULA_TRY(const RowsHandle rows, session_.query(statements_.grams, binds));
  std::size_t sets = 0;
  for (;;) {
    MATRICULA_TRY(const bool is_row, rows->next());
    if (!is_row) {
      break;
    }
    if (rows->is_null(0)) {
      is_done_ = true;
      return false;
    }
    if (sets++ == 0) {
      candidates_ = read_block_set(rows->bytes(0));
    } else {
      keep_common_blocks(rows->bytes(0), candidates_);
    }
  }
  is_done_ = sets < grams.size() || candidates_.empty();
  place_ = query.begin.value_or("");
  if (!is_done_) {
    choose_plan();
  }
  return true;
}

// Chooses between two plans: to look up all candidates and sort them, or to walk all blocks in
// their order until the page is full. The first costs the candidates, the second all blocks divided
// by the candidates.
void PeopleSearch::choose_plan() {
  const std::uint32_t last = candidates_.back();
  is_few_ = static_cast<double>(candidates_.size()) <=
            std::max(kFewBlocks, 2 * std::sqrt(static_cast<double>(last)));
  few_.clear();
  few_read_ = 0;
  batch_ = kFirstBatch;
  bits_.clear();
  if (is_few_) {
    list_.clear();
    for (const std::uint32_t block : candidates_) {
      list_.emplace_back(std::int64_t{block});
    }
    return;
  }
  bits_.resize(last / 8 + 1);
  for (const std::uint32_t block : candidates_) {
    bits_[block / 8] = static_cast<char>(bits_[block / 8] | (1 << (block % 8)));
  }
}

bool PeopleSearch::is_candidate(std::int64_t block) const {
  const auto place = static_cast<std::size_t>(block);
  return place / 8 < bits_.size() && (bits_[place / 8] >> (place % 8) & 1) != 0;
}

Result<void> PeopleSearch::next(std::size_t people_min, std::string& ids) {
  const std::size_t wanted = ids.size() + people_min * kPersonIdBytes;
  while (!is_done_ && ids.size() < wanted) {
    switch (session_.dialect()) {
      case sql::Dialect::kSqlite:
        MATRICULA_CHECK(is_few_ ? read_few(wanted, ids) : walk(wanted, ids));
        break;
      case sql::Dialect::kPostgres:
        MATRICULA_CHECK(read_batch(wanted, ids));
        break;
    }
  }
  return {};
}

// Whether the search ends at a block: forwards before it is read, backwards after the one that
// covers the end was.
bool PeopleSearch::note_end(std::string_view first_key, bool was_read) {
  if (query_.end && (is_forwards() ? !was_read && first_key > *query_.end
                                   : was_read && first_key <= *query_.end)) {
    is_done_ = true;
  }
  return is_done_;
}

// Where the candidates are in the order of the search, from the one that covers its begin on.
Result<void> PeopleSearch::sort_few() {
  const Bind binds[] = {query_.company, ValueList{list_}};
  MATRICULA_CHECK(each_row(session_, statements_.places, binds, [&](const Rows& row) {
    few_.emplace_back(row.text(0), row.integer(1));
  }));
  std::ranges::sort(few_);
  if (!query_.begin) {
    if (!is_forwards()) {
      std::ranges::reverse(few_);
    }
    return {};
  }
  const auto beyond = std::ranges::upper_bound(few_, *query_.begin, {}, &Placed::first);
  if (is_forwards()) {
    few_.erase(few_.begin(), beyond == few_.begin() ? beyond : std::prev(beyond));
  } else {
    few_.erase(beyond, few_.end());
    std::ranges::reverse(few_);
  }
  return {};
}

Result<void> PeopleSearch::read_few(std::size_t wanted, std::string& ids) {
  if (!std::exchange(is_continued_, true)) {
    MATRICULA_CHECK(sort_few());
  }
  while (ids.size() < wanted && !is_done_) {
    if (few_read_ == few_.size()) {
      is_done_ = true;
      break;
    }
    const auto& [first_key, block] = few_[few_read_++];
    if (note_end(first_key, false)) {
      break;
    }
    MATRICULA_CHECK(read_block(block, ids));
    note_end(first_key, true);
  }
  return {};
}

// SQLite steps through an index faster than it looks up a list of candidates.
Result<void> PeopleSearch::walk(std::size_t wanted, std::string& ids) {
  const Statement& order = statements_.order(query_.direction, std::exchange(is_continued_, true));
  const std::string begin = place_;
  const Bind binds[] = {query_.company, std::string_view(begin)};
  MATRICULA_TRY(const RowsHandle rows, session_.query(order, binds));
  while (ids.size() < wanted && !is_done_) {
    MATRICULA_TRY(const bool is_row, rows->next());
    if (!is_row) {
      is_done_ = true;
      break;
    }
    if (note_end(rows->text(0), false)) {
      break;
    }
    const std::int64_t block = rows->integer(1);
    if (is_candidate(block)) {
      MATRICULA_CHECK(read_block(block, ids));
      place_ = rows->text(0);
    }
    note_end(rows->text(0), true);
  }
  return {};
}

Result<void> PeopleSearch::read_block(std::int64_t block, std::string& ids) {
  const Bind binds[] = {query_.company, block};
  MATRICULA_TRY(const RowsHandle rows, session_.query(statements_.people, binds));
  MATRICULA_TRY(const bool is_row, rows->next());
  if (is_row) {
    take(rows->bytes(0), ids);
  }
  return {};
}

// PostgreSQL finds the next candidates and reads them in one round trip. The size of the next batch
// is estimated from the matches of those before.
Result<void> PeopleSearch::read_batch(std::size_t wanted, std::string& ids) {
  const Statement& text = statements_.batch(query_.direction, is_continued_, is_few_);
  std::vector<Bind> binds{query_.company, std::string_view(place_)};
  if (is_few_) {
    binds.insert(binds.end(), {ValueList{list_}, batch_});
  } else {
    binds.insert(binds.end(), {std::as_bytes(std::span(bits_)),
                               static_cast<std::int64_t>(bits_.size() * 8), batch_});
  }
  const std::size_t before = ids.size();
  std::int64_t read = 0;
  std::string last;
  {
    MATRICULA_TRY(const RowsHandle rows, session_.query(text, binds));
    while (ids.size() < wanted && !is_done_) {
      MATRICULA_TRY(const bool is_row, rows->next());
      if (!is_row) {
        is_done_ = read < batch_;
        break;
      }
      ++read;
      last = rows->text(0);
      if (note_end(last, false)) {
        break;
      }
      take(rows->bytes(1), ids);
      note_end(last, true);
    }
  }
  if (read > 0) {
    place_ = std::move(last);
    is_continued_ = true;
  }
  const auto found = static_cast<double>(ids.size() - before);
  const double missing = ids.size() < wanted ? static_cast<double>(wanted - ids.size()) : 0;
  const double blocks = found > 0 ? missing / found * static_cast<double>(read) : kLastBatch;
  batch_ = std::clamp(static_cast<std::int64_t>(1.25 * blocks), kFirstBatch, kLastBatch);
  return {};
}

void PeopleSearch::take(Bytes people, std::string& ids) {
  const std::optional<PeopleBlock> block = PeopleBlock::read(people);
  if (!block) {
    return;
  }
  found_.clear();
  block->find(query_.needle, found_);
  if (!is_forwards()) {
    std::ranges::reverse(found_);
  }
  for (const std::size_t place : found_) {
    ids += block->id(place);
  }
}

}  // namespace matricula::storage
