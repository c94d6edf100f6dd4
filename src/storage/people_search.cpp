#include "storage/people_search.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <iterator>

#include "storage/limits.h"
#include "storage/people_block.h"

namespace matricula::storage {
namespace {

// Blocks read at once, more each time.
constexpr std::int64_t kFirstBatch = 8;
constexpr std::int64_t kLastBatch = 256;
// Fewer candidates are read and sorted; of more, the order is walked.
constexpr std::size_t kFewBlocks = 64;

// The statement that reads blocks in their order: ?1 the company, ?2 the key to begin with, empty
// for none, ?3 the candidates, ?4 how many.
std::string blocks_text(sql::Dialect dialect, sql::Direction direction, bool is_continued,
                        bool is_few) {
  const bool forwards = direction == sql::Direction::kForwards;
  const std::string from =
      is_continued ? std::string(forwards ? "> ?2" : "< ?2")
      : forwards   ? std::string(
                         ">= coalesce((SELECT max(c.first_key) FROM people_blocks c"
                           " WHERE c.company_id = ?1 AND c.first_key <= ?2), '')")
                 : std::string(
                       "<= CASE WHEN ?2 = '' THEN (SELECT max(c.first_key) FROM people_blocks c"
                       " WHERE c.company_id = ?1) ELSE ?2 END");
  const std::string order = forwards ? "" : " DESC";
  if (dialect == sql::Dialect::kSqlite && !is_few) {
    return fmt::format(
        "SELECT d.first_key, b.people FROM people_blocks d INDEXED BY people_blocks_in_order"
        " CROSS JOIN people_blocks b ON b.company_id = d.company_id AND b.block = d.block"
        " WHERE d.company_id = ?1 AND d.first_key {} AND {} ORDER BY d.first_key{} LIMIT ?4",
        from, sql::in_list("+d.block", "?3", dialect), order);
  }
  return fmt::format(
      "SELECT d.first_key, d.people FROM people_blocks d WHERE d.company_id = ?1 AND {}d.first_key"
      " {} AND {} ORDER BY {}d.first_key{} LIMIT ?4",
      dialect == sql::Dialect::kSqlite ? "+" : "", from, sql::in_list("d.block", "?3", dialect),
      dialect == sql::Dialect::kSqlite ? "+" : "", order);
}

const Statement& blocks_statement(sql::Dialect dialect, sql::Direction direction, bool is_continued,
                                  bool is_few) {
  static const std::array<Statement, 16> kAll = [] {
    const auto one = [](unsigned n) {
      return Statement(
          blocks_text((n & 8U) != 0 ? sql::Dialect::kPostgres : sql::Dialect::kSqlite,
                      (n & 4U) != 0 ? sql::Direction::kBackwards : sql::Direction::kForwards,
                      (n & 2U) != 0, (n & 1U) != 0));
    };
    return std::array<Statement, 16>{one(0),  one(1),  one(2),  one(3), one(4),  one(5),
                                     one(6),  one(7),  one(8),  one(9), one(10), one(11),
                                     one(12), one(13), one(14), one(15)};
  }();
  return kAll[(dialect == sql::Dialect::kPostgres ? 8U : 0U) |
              (direction == sql::Direction::kBackwards ? 4U : 0U) | (is_continued ? 2U : 0U) |
              (is_few ? 1U : 0U)];
}

// The blocks of each gram, and a row of null where someone is not filed yet.
std::string grams_text(sql::Dialect dialect) {
  return "SELECT blocks FROM people_grams WHERE company_id = ?1 AND " +
         sql::in_list("gram", "?2", dialect) +
         " UNION ALL SELECT NULL WHERE EXISTS (SELECT 1 FROM company_people WHERE company_id = ?1"
         " AND is_pending = 1)";
}

const Statement& grams_statement(sql::Dialect dialect) {
  static const Statement kSqlite(grams_text(sql::Dialect::kSqlite));
  static const Statement kPostgres(grams_text(sql::Dialect::kPostgres));
  return dialect == sql::Dialect::kSqlite ? kSqlite : kPostgres;
}

}  // namespace

Result<bool> PeopleSearch::start(const Query& query) {
  query_ = query;
  is_continued_ = false;
  is_done_ = false;
  batch_ = kFirstBatch;
  candidates_.clear();
  const std::vector<Gram> grams = needle_grams(query.needle);
  const std::vector<Value> wanted(grams.begin(), grams.end());
  const Bind binds[] = {query.company, ValueList{wanted}};
  MATRICULA_TRY(const RowsHandle rows, session_.query(grams_statement(dialect_), binds));
  std::vector<std::uint32_t> blocks;
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
    std::vector<std::uint32_t> set = read_block_set(rows->bytes(0));
    if (sets++ == 0) {
      blocks = std::move(set);
    } else {
      std::vector<std::uint32_t> both;
      std::ranges::set_intersection(blocks, set, std::back_inserter(both));
      blocks = std::move(both);
    }
  }
  is_done_ = sets < grams.size() || blocks.empty();
  if (!is_done_) {
    candidates_.reserve(blocks.size());
    for (const std::uint32_t block : blocks) {
      candidates_.emplace_back(std::int64_t{block});
    }
  }
  place_ = query.begin.value_or("");
  return true;
}

Result<void> PeopleSearch::next(std::size_t people_min, std::string& ids) {
  const std::size_t wanted = ids.size() + people_min * kPersonIdBytes;
  while (!is_done_ && ids.size() < wanted) {
    const bool is_few = candidates_.size() <= kFewBlocks;
    const Bind binds[] = {query_.company, std::string_view(place_), ValueList{candidates_}, batch_};
    std::int64_t read = 0;
    std::string last;
    {
      MATRICULA_TRY(
          const RowsHandle rows,
          session_.query(blocks_statement(dialect_, query_.direction, is_continued_, is_few),
                         binds));
      while (ids.size() < wanted) {
        MATRICULA_TRY(const bool is_row, rows->next());
        if (!is_row) {
          is_done_ = read < batch_;
          break;
        }
        ++read;
        last = rows->text(0);
        if (query_.end && query_.direction == sql::Direction::kForwards && last > *query_.end) {
          is_done_ = true;
          break;
        }
        take(*rows, ids);
        // Backwards, the block that covers the end is the last.
        if (query_.end && query_.direction == sql::Direction::kBackwards && last <= *query_.end) {
          is_done_ = true;
          break;
        }
      }
    }
    if (read > 0) {
      place_ = std::move(last);
      is_continued_ = true;
    }
    batch_ = std::min(batch_ * 4, kLastBatch);
  }
  return {};
}

void PeopleSearch::take(const Rows& row, std::string& ids) {
  const std::optional<PeopleBlock> block = PeopleBlock::read(row.bytes(1));
  if (!block) {
    return;
  }
  found_.clear();
  block->find(query_.needle, found_);
  if (query_.direction == sql::Direction::kBackwards) {
    std::ranges::reverse(found_);
  }
  for (const std::size_t place : found_) {
    ids += block->id(place);
  }
}

}  // namespace matricula::storage
