#include "storage/people_check.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <string_view>
#include <unordered_map>

#include "storage/each_row.h"
#include "storage/people_block.h"

namespace matricula::storage {
namespace {

struct Statements {
  const Statement companies{"SELECT company_id FROM people_index ORDER BY company_id"};
  const Statement blocks{
      "SELECT block, first_key, people FROM people_blocks WHERE company_id = ?1 "
      "ORDER BY first_key, block",
      ResultSize::kLarge};
  const Statement people{
      "SELECT c.user_id, u.search FROM company_people c JOIN users u ON u.id = c.user_id "
      "WHERE c.company_id = ?1 AND c.filed_key IS NOT NULL",
      ResultSize::kLarge};
  const Statement grams{"SELECT gram, blocks FROM people_grams WHERE company_id = ?1",
                        ResultSize::kLarge};
};

// A sum over people that does not depend on their order: equal for equal sets, and for others with
// the chance of a hash.
class PeopleSum {
 public:
  void add(std::string_view id, std::string_view search) {
    // The bytes of an id have a fixed length: no two pairs give one text.
    sum_ += std::hash<std::string>()(std::string(id) + std::string(search));
    ++count_;
  }
  bool operator==(const PeopleSum&) const = default;

 private:
  std::uint64_t sum_ = 0;
  std::uint64_t count_ = 0;
};

struct Blocks {
  PeopleSum people;
  bool is_good = true;
  std::unordered_map<Gram, std::vector<std::uint32_t>> of_grams;
};

void take_block(const Rows& row, std::string& last_key, Blocks& blocks) {
  const std::optional<PeopleBlock> block = PeopleBlock::read(row.bytes(2));
  if (!block) {
    blocks.is_good = false;
    return;
  }
  const auto number = static_cast<std::uint32_t>(row.integer(0));
  const std::string_view first_key = row.text(1);
  std::vector<Gram> grams;
  for (std::size_t i = 0; i < block->size(); ++i) {
    FiledPerson person{.id = std::string(block->id(i)), .search = std::string(block->search(i))};
    blocks.people.add(person.id, person.search);
    std::string key = person.email_key();
    blocks.is_good = blocks.is_good && key >= first_key && key >= last_key;
    last_key = std::move(key);
    append_grams(person.search, grams);
  }
  std::ranges::sort(grams);
  grams.erase(std::unique(grams.begin(), grams.end()), grams.end());
  for (const Gram gram : grams) {
    blocks.of_grams[gram].push_back(number);
  }
}

Result<Blocks> read_blocks(Session& session, const Statement& statement, std::string_view company) {
  Blocks blocks;
  bool is_first = true;
  std::string last_key;
  const Bind binds[] = {company};
  MATRICULA_CHECK(each_row(session, statement, binds, [&](const Rows& row) {
    // The first takes whoever comes before all others; one begins behind who is in the one before.
    blocks.is_good = blocks.is_good && (is_first ? row.text(1).empty() : row.text(1) > last_key);
    is_first = false;
    take_block(row, last_key, blocks);
  }));
  return blocks;
}

// A gram may name blocks that have lost it; it may not miss one that has it.
void remove_known(Bytes set, std::vector<std::uint32_t>& blocks) {
  const std::vector<std::uint32_t> known = read_block_set(set);
  std::erase_if(blocks,
                [&](std::uint32_t block) { return std::ranges::binary_search(known, block); });
}

}  // namespace

Result<std::vector<std::string>> find_people_problems(Session& session) {
  static const Statements kStatements;
  std::vector<std::string> companies;
  MATRICULA_CHECK(each_row(session, kStatements.companies, {},
                           [&](const Rows& row) { companies.emplace_back(row.text(0)); }));
  std::size_t other_people = 0;
  std::size_t missed_grams = 0;
  for (const std::string& company : companies) {
    MATRICULA_TRY(Blocks blocks, read_blocks(session, kStatements.blocks, company));
    PeopleSum filed;
    const Bind binds[] = {std::string_view(company)};
    MATRICULA_CHECK(each_row(session, kStatements.people, binds, [&](const Rows& row) {
      filed.add(as_text(row.bytes(0)), row.text(1));
    }));
    other_people += blocks.is_good && blocks.people == filed ? 0 : 1;
    MATRICULA_CHECK(each_row(session, kStatements.grams, binds, [&](const Rows& row) {
      if (const auto found = blocks.of_grams.find(row.integer(0)); found != blocks.of_grams.end()) {
        remove_known(row.bytes(1), found->second);
      }
    }));
    missed_grams +=
        std::ranges::all_of(blocks.of_grams, [](const auto& gram) { return gram.second.empty(); })
            ? 0
            : 1;
  }
  std::vector<std::string> problems;
  if (other_people > 0) {
    problems.push_back(fmt::format(
        "{} companies whose search index holds other people than are filed", other_people));
  }
  if (missed_grams > 0) {
    problems.push_back(
        fmt::format("{} companies whose search index misses parts of names", missed_grams));
  }
  return problems;
}

}  // namespace matricula::storage
