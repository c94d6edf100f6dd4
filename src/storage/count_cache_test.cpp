#include "storage/count_cache.h"

#include <gtest/gtest.h>

#include "storage/limits.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/test_notes.h"
#include "storage/testing.h"

namespace matricula::storage {
namespace {

// Counts how often it is asked; nothing that has no conditions is kept by writes.
class FakeReader : public TableReader {
 public:
  explicit FakeReader(int& calls) : calls_(calls) {}
  void begin() override {}
  bool is_count_kept(const ListScope& scope) const override { return !scope.conditions.empty(); }
  Result<std::int64_t> count(const ListScope&) override { return ++calls_; }
  Result<RowsHandle> page(const PageQuery&) override { return RowsHandle(); }
  bool can_add(const PageQuery&) override { return false; }
  bool is_short(const PageQuery&) override { return false; }
  std::optional<UnsentStatement> page_statement(const PageQuery&) override { return std::nullopt; }
  std::optional<UnsentStatement> count_statement(const ListScope&) override { return std::nullopt; }
  Result<bool> exists_beyond(const BoundQuery&) override { return false; }

 private:
  int& calls_;
};

class CountCacheTest : public testing::Test {
 protected:
  std::int64_t count(const ListScope& scope) { return reader_.count(scope).value(); }

  TempStore store_{kNotesMigrations};
  CountCache cache_;
  int calls_ = 0;
  std::unique_ptr<Session> session_ = store_.database().open_reader().value();
  CountingListReader reader_{std::make_unique<FakeReader>(calls_), *session_, store_.database(),
                             cache_};
  sql::Relation relation_;
  ListScope whole_{.relation = &relation_, .company = "1"};
};

TEST_F(CountCacheTest, ACountIsKnownUntilSomethingIsWritten) {
  reader_.begin();
  EXPECT_EQ(count(whole_), 1);
  reader_.begin();
  EXPECT_EQ(count(whole_), 1);
  ASSERT_TRUE(add_note(store_.database(), 1, "new"));
  reader_.begin();
  EXPECT_EQ(count(whole_), 2);
}

TEST_F(CountCacheTest, ASnapshotFromBeforeAWriteNeitherTakesNorKeepsACount) {
  reader_.begin();
  EXPECT_EQ(count(whole_), 1);
  ASSERT_TRUE(add_note(store_.database(), 1, "new"));
  EXPECT_EQ(count(whole_), 2);  // begin() was before the write: asked, and not kept
  reader_.begin();
  EXPECT_EQ(count(whole_), 3);
}

TEST_F(CountCacheTest, ScopesThatDifferInAnythingAreCountedApart) {
  const KeyValue plan = std::string("plan");
  Condition filter{.filter = 1, .any_of = {std::string("a"), std::string("b")}};
  Condition joined{.filter = 1, .any_of = {std::string("ab")}};
  Condition from{.filter = 2, .from = std::int64_t{5}};
  Condition to{.filter = 2, .to = std::int64_t{5}};
  Condition search{.filter = 3, .search = "x"};
  reader_.begin();
  int expected = 0;
  for (int round = 0; round < 2; ++round) {
    expected = 0;
    EXPECT_EQ(count(whole_), ++expected);
    EXPECT_EQ(count({.relation = &relation_, .company = "2"}), ++expected);
    EXPECT_EQ(count({.relation = &relation_, .company = "1", .fixed = std::span(&plan, 1)}),
              ++expected);
    for (const Condition* condition : {&filter, &joined, &from, &to, &search}) {
      EXPECT_EQ(
          count({.relation = &relation_, .company = "1", .conditions = std::span(condition, 1)}),
          ++expected);
    }
  }
}

TEST_F(CountCacheTest, IsBoundedInEntriesAndInTheSizeOfEach) {
  for (std::size_t i = 0; i <= kCountsMax; ++i) {
    cache_.insert(std::to_string(i), 2, 7);
  }
  EXPECT_FALSE(cache_.find("0", 2));
  EXPECT_TRUE(cache_.find(std::to_string(kCountsMax), 2));

  const Condition large{.filter = 3, .search = std::string(kCountKeyBytesMax, 'x')};
  const ListScope scope{.relation = &relation_, .company = "1", .conditions = std::span(&large, 1)};
  reader_.begin();
  EXPECT_EQ(count(scope), 1);
  EXPECT_EQ(count(scope), 2);
}

// A store that other nodes may write to: it is asked for its generation.
class SharedCountCacheTest : public testing::Test {
 protected:
  ~SharedCountCacheTest() override {
    session_.reset();
    database_.reset();
    cluster_.drop_database(name_);
  }
  std::int64_t count(const ListScope& scope) {
    reader_.begin();
    return reader_.count(scope).value();
  }

  SystemClock clock_;
  postgres::PrivateCluster& cluster_ = postgres::PrivateCluster::instance();
  std::string name_ = cluster_.new_database();
  std::unique_ptr<Database> database_ =
      open_database(cluster_.url(name_), {.migrations = kNotesMigrations}, clock_).value();
  std::unique_ptr<Session> session_ = database_->open_reader().value();
  CountCache cache_;
  int calls_ = 0;
  CountingListReader reader_{std::make_unique<FakeReader>(calls_), *session_, *database_, cache_};
  sql::Relation relation_;
  ListScope whole_{.relation = &relation_, .company = "1"};
};

TEST_F(SharedCountCacheTest, ACountIsKnownUntilSomethingIsWritten) {
  EXPECT_EQ(count(whole_), 1);
  EXPECT_EQ(count(whole_), 1);
  ASSERT_TRUE(add_note_aside(*database_, 1, "a counted use"));
  EXPECT_EQ(count(whole_), 1);
  const std::unique_ptr<Database> other_node =
      open_database(cluster_.url(name_), {.migrations = kNotesMigrations}, clock_).value();
  ASSERT_TRUE(add_note(*other_node, 2, "new"));
  EXPECT_EQ(count(whole_), 2);
  EXPECT_EQ(count(whole_), 2);
}

TEST_F(SharedCountCacheTest, ASnapshotTakesAndKeepsCountsOfItsOwnState) {
  EXPECT_EQ(count(whole_), 1);
  ASSERT_TRUE(session_->begin_snapshot());
  EXPECT_EQ(count(whole_), 1);
  ASSERT_TRUE(add_note(*database_, 1, "new"));
  EXPECT_EQ(count(whole_), 1);
  session_->end_snapshot();
  EXPECT_EQ(count(whole_), 2);
}

TEST_F(SharedCountCacheTest, AWriteWhileItIsCountedIsNotMissed) {
  class WritingReader final : public FakeReader {
   public:
    WritingReader(Database& database, int& calls) : FakeReader(calls), database_(database) {}
    Result<std::int64_t> count(const ListScope& scope) override {
      MATRICULA_TRY(const std::int64_t counted, FakeReader::count(scope));
      MATRICULA_CHECK(add_note(database_, counted, "meanwhile"));
      return counted;
    }

   private:
    Database& database_;
  };
  int calls = 0;
  CountingListReader reader(std::make_unique<WritingReader>(*database_, calls), *session_,
                            *database_, cache_);
  EXPECT_EQ(reader.count(whole_), 1);
  EXPECT_EQ(reader.count(whole_), 2);
}

TEST_F(SharedCountCacheTest, WhatWritesKeepIsReadAnew) {
  const Condition filter{.filter = 1, .any_of = {std::string("a")}};
  const ListScope kept{.relation = &relation_, .company = "1", .conditions = std::span(&filter, 1)};
  EXPECT_EQ(count(kept), 1);
  EXPECT_EQ(count(kept), 2);
}

}  // namespace
}  // namespace matricula::storage
