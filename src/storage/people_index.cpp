#include "storage/people_index.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <unordered_map>

#include "base/assert.h"
#include "storage/each_row.h"
#include "storage/limits.h"
#include "storage/people_block.h"
#include "storage/people_inserts.h"
#include "storage/people_statements.h"

namespace matricula::storage {
namespace {

// A block is also split where its texts grow beyond this.
constexpr std::size_t kBlockBytesMax = 64 * 1024;
// The index of a company is made anew when one in so many of its people is pending ...
constexpr std::int64_t kPendingShare = 4;
// ... or when so many changed since it was made that its grams name too many blocks without a
// match.
constexpr std::int64_t kChangesMin = 1'000;

struct Block {
  std::string first_key;
  std::uint32_t number = 0;
  std::vector<FiledPerson> people = {};

  bool is_full() const {
    std::size_t bytes = 0;
    for (const FiledPerson& person : people) {
      bytes += person.search.size();
    }
    return people.size() > kBlockPeopleMax || (bytes > kBlockBytesMax && people.size() > 1);
  }
};

struct Sizes {
  std::int64_t pending = 0;
  std::int64_t people = 0;
  std::int64_t blocks = 0;  // numbers of blocks given so far
  std::int64_t changes = 0;
};

using BlocksOfGrams = std::unordered_map<Gram, std::vector<std::uint32_t>>;

// The index of one company, within a write.
class CompanyIndex {
 public:
  CompanyIndex(Session& session, std::string_view company)
      : session_(session), statements_(people_statements(session.dialect())), company_(company) {}

  Result<void> file() {
    MATRICULA_CHECK(read_sizes());
    const bool anew = sizes_.pending * kPendingShare >= sizes_.people ||
                      sizes_.changes + sizes_.pending > sizes_.people + kChangesMin;
    MATRICULA_CHECK(anew ? make_anew() : change());
    const Bind company[] = {company_};
    MATRICULA_CHECK(session_.execute(statements_.gone, company));
    MATRICULA_CHECK(session_.execute(statements_.filed, company));
    const Bind binds[] = {company_, sizes_.people, sizes_.blocks, sizes_.changes};
    MATRICULA_CHECK(session_.execute(statements_.note, binds));
    return {};
  }

 private:
  struct Pending {
    std::string id;
    std::optional<std::string> filed_key;
    std::optional<std::string> search;
  };

  Result<void> read_sizes() {
    const Bind binds[] = {company_};
    MATRICULA_TRY(const RowsHandle rows, session_.query(statements_.sizes, binds));
    MATRICULA_TRY(const bool any, rows->next());
    MATRICULA_ASSERT(any);
    sizes_ = {.pending = rows->integer(0),
              .people = rows->integer(1),
              .blocks = rows->integer(2),
              .changes = rows->integer(3)};
    return {};
  }

  Result<void> make_anew() {
    std::vector<Block> blocks;
    BlocksOfGrams grams;
    const Bind binds[] = {company_};
    sizes_ = {};
    MATRICULA_CHECK(each_row(session_, statements_.everyone, binds, [&](const Rows& row) {
      FiledPerson person{.id = std::string(as_text(row.bytes(0))),
                         .search = std::string(row.text(1))};
      if (person.id.size() != kPersonIdBytes) {
        return;
      }
      // Half full, so that people who come later find room.
      if (blocks.empty() || blocks.back().people.size() >= kBlockPeopleMax / 2 ||
          blocks.back().is_full()) {
        blocks.push_back({.first_key = blocks.empty() ? std::string() : person.email_key(),
                          .number = static_cast<std::uint32_t>(sizes_.blocks++)});
      }
      note_grams(person.search, blocks.back().number, grams);
      blocks.back().people.push_back(std::move(person));
      ++sizes_.people;
    }));
    MATRICULA_CHECK(session_.execute(statements_.clear_blocks, binds));
    MATRICULA_CHECK(session_.execute(statements_.clear_grams, binds));
    MATRICULA_CHECK(insert_blocks(blocks));
    return insert_grams(grams);
  }

  static void note_grams(std::string_view search, std::uint32_t block, BlocksOfGrams& grams) {
    std::vector<Gram> found;
    append_grams(search, found);
    for (const Gram gram : found) {
      std::vector<std::uint32_t>& blocks = grams[gram];
      if (blocks.empty() || blocks.back() != block) {
        blocks.push_back(block);
      }
    }
  }

  Result<void> change() {
    MATRICULA_TRY(const std::vector<Pending> pending, read_pending());
    MATRICULA_CHECK(read_directory());
    MATRICULA_CHECK(read_blocks(pending));
    // All are removed before anyone is added: an address that passed from one person to another
    // must not be in a block twice.
    for (const Pending& each : pending) {
      if (each.filed_key) {
        std::vector<FiledPerson>& people = block_of(*each.filed_key).people;
        sizes_.people -= static_cast<std::int64_t>(
            std::erase_if(people, [&](const auto& person) { return person.id == each.id; }));
      }
    }
    for (const Pending& each : pending) {
      if (each.search && each.id.size() == kPersonIdBytes) {
        add({.id = each.id, .search = *each.search});
      }
    }
    sizes_.changes += sizes_.pending;
    return store_changes();
  }

  Result<std::vector<Pending>> read_pending() {
    std::vector<Pending> pending;
    const Bind binds[] = {company_};
    MATRICULA_CHECK(each_row(session_, statements_.pending, binds, [&](const Rows& row) {
      Pending& each = pending.emplace_back();
      each.id = as_text(row.bytes(0));
      if (!row.is_null(1)) {
        each.filed_key = row.text(1);
      }
      if (!row.is_null(2)) {
        each.search = row.text(2);
      }
    }));
    return pending;
  }

  Result<void> read_directory() {
    const Bind binds[] = {company_};
    MATRICULA_CHECK(each_row(session_, statements_.directory, binds, [&](const Rows& row) {
      directory_.emplace(row.text(0), static_cast<std::uint32_t>(row.integer(1)));
    }));
    if (directory_.empty()) {
      directory_.emplace(std::string(), static_cast<std::uint32_t>(sizes_.blocks++));
    }
    return {};
  }

  // Reads the blocks that pending people are removed from or added to, many in one round trip.
  Result<void> read_blocks(std::span<const Pending> pending) {
    const auto change_block_of = [this](std::string_view key) {
      const auto& [first_key, number] = *std::prev(directory_.upper_bound(key));
      changed_.try_emplace(number, Block{.first_key = first_key, .number = number});
    };
    for (const Pending& each : pending) {
      if (each.filed_key) {
        change_block_of(*each.filed_key);
      }
      if (each.search) {
        change_block_of(FiledPerson{.id = {}, .search = *each.search}.email_key());
      }
    }
    std::vector<Value> numbers;
    for (const auto& [number, block] : changed_) {
      numbers.emplace_back(std::int64_t{number});
    }
    for (std::size_t i = 0; i < numbers.size(); i += kPeopleRowsAtOnce) {
      const std::size_t count = std::min(kPeopleRowsAtOnce, numbers.size() - i);
      MATRICULA_CHECK(read_blocks(ValueList{std::span(numbers).subspan(i, count)}));
    }
    return {};
  }

  Result<void> read_blocks(ValueList numbers) {
    const Bind binds[] = {company_, numbers};
    return each_row(session_, statements_.blocks, binds, [&](const Rows& row) {
      Block& block = changed_.at(static_cast<std::uint32_t>(row.integer(0)));
      const std::optional<PeopleBlock> stored = PeopleBlock::read(row.bytes(1));
      for (std::size_t i = 0; stored && i < stored->size(); ++i) {
        block.people.push_back(
            {.id = std::string(stored->id(i)), .search = std::string(stored->search(i))});
      }
    });
  }

  // One of those that were read, or that came of a split.
  Block& block_of(std::string_view key) {
    return changed_.at(std::prev(directory_.upper_bound(key))->second);
  }

  void add(FiledPerson person) {
    const std::string key = person.email_key();
    Block& block = block_of(key);
    note_grams(person.search, block.number, grams_);
    const auto place = std::ranges::find_if(
        block.people, [&](const FiledPerson& each) { return each.email_key() > key; });
    block.people.insert(place, std::move(person));
    ++sizes_.people;
    if (block.is_full()) {
      split(block);
    }
  }

  void split(Block& block) {
    const auto middle = block.people.begin() + static_cast<std::ptrdiff_t>(block.people.size() / 2);
    Block rest{
        .first_key = middle->email_key(),
        .number = static_cast<std::uint32_t>(sizes_.blocks++),
        .people = {std::make_move_iterator(middle), std::make_move_iterator(block.people.end())}};
    block.people.erase(middle, block.people.end());
    for (const FiledPerson& person : rest.people) {
      note_grams(person.search, rest.number, grams_);
    }
    directory_.emplace(rest.first_key, rest.number);
    changed_.emplace(rest.number, std::move(rest));
  }

  Result<void> store_changes() {
    std::vector<Value> numbers;
    std::vector<Block> blocks;
    for (auto& [number, block] : changed_) {
      numbers.emplace_back(std::int64_t{number});
      blocks.push_back(std::move(block));
    }
    const Bind of_blocks[] = {company_, ValueList{numbers}};
    MATRICULA_CHECK(session_.execute(statements_.remove_blocks, of_blocks));
    MATRICULA_CHECK(insert_blocks(blocks));
    return merge_grams();
  }

  // Only grams that gain a block are written. Where a block lost a gram, a search reads that block
  // in vain.
  Result<void> merge_grams() {
    std::vector<Value> wanted;
    for (auto& [gram, blocks] : grams_) {
      wanted.emplace_back(gram);
      std::ranges::sort(blocks);
      blocks.erase(std::unique(blocks.begin(), blocks.end()), blocks.end());
    }
    {
      const Bind binds[] = {company_, ValueList{wanted}};
      MATRICULA_CHECK(each_row(session_, statements_.grams_of, binds, [&](const Rows& row) {
        const auto found = grams_.find(row.integer(0));
        const std::vector<std::uint32_t> known = read_block_set(row.bytes(1));
        std::vector<std::uint32_t> all;
        std::ranges::set_union(known, found->second, std::back_inserter(all));
        if (all.size() == known.size()) {
          grams_.erase(found);
        } else {
          found->second = std::move(all);
        }
      }));
    }
    std::vector<Value> changed;
    for (const auto& [gram, blocks] : grams_) {
      changed.emplace_back(gram);
    }
    const Bind binds[] = {company_, ValueList{changed}};
    MATRICULA_CHECK(session_.execute(statements_.remove_grams, binds));
    return insert_grams(grams_);
  }

  Result<void> insert_blocks(std::span<const Block> blocks) {
    std::deque<std::string> packed;
    std::vector<Value> values;
    for (const Block& block : blocks) {
      const std::string& people = packed.emplace_back(write_people_block(block.people));
      values.insert(values.end(), {std::string_view(block.first_key), std::int64_t{block.number},
                                   std::as_bytes(std::span(people))});
    }
    return insert_people_blocks(session_, company_, values);
  }

  Result<void> insert_grams(const BlocksOfGrams& grams) {
    std::deque<std::string> packed;
    std::vector<Value> values;
    for (const auto& [gram, blocks] : grams) {
      const std::string& set = packed.emplace_back(write_block_set(blocks));
      values.insert(values.end(), {gram, std::as_bytes(std::span(set))});
    }
    return insert_people_grams(session_, company_, values);
  }

  Session& session_;
  const PeopleStatements& statements_;
  const std::string_view company_;
  Sizes sizes_;
  std::map<std::string, std::uint32_t, std::less<>> directory_;  // numbers by first key
  std::map<std::uint32_t, Block> changed_;
  BlocksOfGrams grams_;  // of people who were added or moved
};

}  // namespace

Result<void> PeopleIndex::file(Session& session) {
  const sql::Dialect dialect = session.dialect();
  if (!has_tables_) {
    static const Statement kSqlite(
        "SELECT count(*) FROM sqlite_schema WHERE name = 'company_people'");
    static const Statement kPostgres(
        "SELECT count(*) FROM pg_class WHERE oid = to_regclass('company_people')");
    MATRICULA_TRY(const RowsHandle rows,
                  session.query(dialect == sql::Dialect::kSqlite ? kSqlite : kPostgres, {}));
    MATRICULA_TRY(const bool any, rows->next());
    has_tables_ = any && rows->integer(0) > 0;
    if (!has_tables_) {
      return {};
    }
  }
  std::vector<std::string> companies;
  MATRICULA_CHECK(each_row(session, people_statements(dialect).companies, {},
                           [&](const Rows& row) { companies.emplace_back(row.text(0)); }));
  for (const std::string& company : companies) {
    MATRICULA_CHECK(CompanyIndex(session, company).file());
  }
  return {};
}

}  // namespace matricula::storage
