// The index and the search through it, compared with looking at everyone, on either engine.
#include "storage/people_search.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <random>

#include "base/assert.h"
#include "storage/limits.h"
#include "storage/people_block.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/testing.h"

namespace matricula::storage {
namespace {

// The tables of the index, and what files in them.
constexpr std::array<Migration, 1> kMigrations = {{{
    .number = 1,
    .name = "people",
    .sqlite = R"sql(
CREATE TABLE users(id BLOB PRIMARY KEY, email_key TEXT, search TEXT) STRICT;
CREATE TABLE company_people(company_id TEXT, user_id BLOB, filed_key TEXT, is_pending INTEGER,
  PRIMARY KEY (company_id, user_id)) STRICT, WITHOUT ROWID;
CREATE TABLE people_index(company_id TEXT PRIMARY KEY, people INTEGER, blocks INTEGER,
  changes INTEGER) STRICT;
CREATE TABLE people_blocks(company_id TEXT, block INTEGER, first_key TEXT, people BLOB,
  PRIMARY KEY (company_id, block)) STRICT, WITHOUT ROWID;
CREATE INDEX people_blocks_in_order ON people_blocks(company_id, first_key, block);
CREATE TABLE people_grams(company_id TEXT, gram INTEGER, blocks BLOB,
  PRIMARY KEY (company_id, gram)) STRICT, WITHOUT ROWID;
)sql",
    .postgres = R"sql(
CREATE TABLE users(id BYTEA PRIMARY KEY, email_key TEXT COLLATE "C", search TEXT COLLATE "C");
CREATE TABLE company_people(company_id TEXT COLLATE "C", user_id BYTEA, filed_key TEXT COLLATE "C",
  is_pending BIGINT, PRIMARY KEY (company_id, user_id));
CREATE TABLE people_index(company_id TEXT COLLATE "C" PRIMARY KEY, people BIGINT, blocks BIGINT,
  changes BIGINT);
CREATE TABLE people_blocks(company_id TEXT COLLATE "C", block BIGINT, first_key TEXT COLLATE "C",
  people BYTEA, PRIMARY KEY (company_id, block));
CREATE INDEX people_blocks_in_order ON people_blocks(company_id, first_key, block);
CREATE TABLE people_grams(company_id TEXT COLLATE "C", gram BIGINT, blocks BYTEA,
  PRIMARY KEY (company_id, gram));
)sql",
}}};

struct SqliteStore {
  TempStore store{kMigrations};
  Database& database() { return store.database(); }
};

struct PostgresStore {
  SystemClock clock;
  postgres::PrivateCluster& cluster = postgres::PrivateCluster::instance();
  std::string name = cluster.new_database();
  std::unique_ptr<Database> opened =
      open_database(cluster.url(name), {.migrations = kMigrations}, clock).value();
  ~PostgresStore() {
    opened.reset();
    cluster.drop_database(name);
  }
  Database& database() { return *opened; }
};

template <typename Store>
class PeopleSearchTest : public testing::Test {
 protected:
  // Adds, replaces or removes (without a text) people of company "1", and files them.
  void change(const std::map<std::string, std::string>& changes) {
    const auto written = store_.database().write([&](Session& session) -> Result<void> {
      static const Statement kRemove("DELETE FROM users WHERE id = ?1");
      static const Statement kAdd("INSERT INTO users(id, email_key, search) VALUES (?1, ?2, ?3)");
      static const Statement kPending(
          "INSERT INTO company_people(company_id, user_id, is_pending) VALUES ('1', ?1, 1)"
          " ON CONFLICT (company_id, user_id) DO UPDATE SET is_pending = 1");
      for (const auto& [id, search] : changes) {
        const Bind by_id[] = {std::as_bytes(std::span(id))};
        MATRICULA_CHECK(session.execute(kRemove, by_id));
        MATRICULA_CHECK(session.execute(kPending, by_id));
      }
      for (const auto& [id, search] : changes) {
        people_.erase(id);
        if (!search.empty()) {
          people_[id] = search;
          const std::string key = FiledPerson{.id = id, .search = search}.email_key();
          const Bind binds[] = {std::as_bytes(std::span(id)), std::string_view(key),
                                std::string_view(search)};
          MATRICULA_CHECK(session.execute(kAdd, binds));
        }
      }
      return {};
    });
    ASSERT_TRUE(written.has_value()) << written.error().message << written.error().internal;
  }

  // Every person who matches, in the order of their addresses, as the search finds them.
  std::vector<std::string> found(std::string_view needle, sql::Direction direction,
                                 std::size_t at_a_time) {
    if (reader_ == nullptr) {
      reader_ = store_.database().open_reader().value();
    }
    PeopleSearch search(*reader_);
    EXPECT_EQ(search.start({.company = "1", .needle = needle, .direction = direction}), true);
    std::string ids;
    while (!search.is_done()) {
      const std::size_t before = ids.size();
      EXPECT_TRUE(search.next(at_a_time, ids).has_value());
      EXPECT_TRUE(search.is_done() || ids.size() - before >= at_a_time * kPersonIdBytes);
    }
    std::vector<std::string> split;
    for (std::size_t at = 0; at < ids.size(); at += kPersonIdBytes) {
      split.push_back(ids.substr(at, kPersonIdBytes));
    }
    return split;
  }
  std::vector<std::string> expected(std::string_view needle, sql::Direction direction) const {
    std::map<std::string, std::string> by_key;
    for (const auto& [id, search] : people_) {
      if (search.find(needle) != std::string::npos) {
        by_key[FiledPerson{.id = id, .search = search}.email_key()] = id;
      }
    }
    std::vector<std::string> ids;
    for (const auto& [key, id] : by_key) {
      ids.push_back(id);
    }
    if (direction == sql::Direction::kBackwards) {
      std::ranges::reverse(ids);
    }
    return ids;
  }
  void expect_same(std::string_view needle) {
    for (const sql::Direction direction : {sql::Direction::kForwards, sql::Direction::kBackwards}) {
      for (const std::size_t at_a_time : {std::size_t{1}, std::size_t{1'000}}) {
        EXPECT_EQ(found(needle, direction, at_a_time), expected(needle, direction)) << needle;
      }
    }
  }

  static std::string id_of(unsigned number) {
    std::string id(kPersonIdBytes, '\0');
    for (unsigned i = 0; i < 4; ++i) {
      id[i] = static_cast<char>(number >> (8 * i));
    }
    return id;
  }
  static std::string text_of(std::mt19937& random, unsigned address) {
    static constexpr const char* kNames[] = {"ana", "bo", "søren", "zoë", "li", "ananda", "q", "ö"};
    const std::string first = kNames[random() % 8];
    const std::string last = kNames[random() % 8];
    return first + std::to_string(address) + "@x\n" + first + "\n" + last + "\n" + first + " " +
           last;
  }

  Store store_;
  std::unique_ptr<Session> reader_;
  std::map<std::string, std::string> people_;  // texts by id
};

struct EngineNames {
  template <typename Store>
  static std::string GetName(int) {
    return std::is_same_v<Store, SqliteStore> ? "Sqlite" : "Postgres";
  }
};

using Engines = testing::Types<SqliteStore, PostgresStore>;
TYPED_TEST_SUITE(PeopleSearchTest, Engines, EngineNames);

TYPED_TEST(PeopleSearchTest, FindsWhomLookingAtEveryoneFindsWhateverChanges) {
  std::mt19937 random(7);
  unsigned addresses = 0;
  for (const unsigned size : {400U, 60U, 1U, 90U, 500U}) {
    std::map<std::string, std::string> changes;
    for (unsigned i = 0; i < size; ++i) {
      const bool is_gone = random() % 8 == 0;
      changes[this->id_of(static_cast<unsigned>(random() % 900))] =
          is_gone ? "" : this->text_of(random, addresses++);
    }
    this->change(changes);
    for (const char* needle : {"a", "an", "ana", "ananda", "n1", "q", "ö", "ören zo", "@x", "zz",
                               "nobody", "a ana", "li li"}) {
      this->expect_same(needle);
    }
  }
}

// The last of a block, one more, and addresses that two people exchange.
TYPED_TEST(PeopleSearchTest, BlocksAreSplitAndAddressesExchanged) {
  std::map<std::string, std::string> start;
  for (unsigned i = 0; i < 1'000; ++i) {
    start[this->id_of(i)] = "m" + std::to_string(10'000 + i) + "@x\nab\ncd\nab cd";
  }
  this->change(start);
  for (unsigned i = 0; i <= kBlockPeopleMax; ++i) {
    this->change(
        {{this->id_of(2'000 + i), "m10500." + std::to_string(100 + i) + "@x\nnew\ncd\nnew cd"}});
  }
  this->expect_same("new");
  this->expect_same("m10500");
  this->change({{this->id_of(1), start[this->id_of(2)]}, {this->id_of(2), start[this->id_of(1)]}});
  this->expect_same("m1000");
  this->expect_same("cd");
}

TYPED_TEST(PeopleSearchTest, PeopleOfAnotherCompanyAreNotFound) {
  this->change({{this->id_of(1), "a@x\na\nb\na b"}});
  const auto session = this->store_.database().open_reader().value();
  PeopleSearch search(*session);
  EXPECT_EQ(search.start({.company = "2", .needle = "a"}), true);
  EXPECT_TRUE(search.is_done());
}

}  // namespace
}  // namespace matricula::storage
