#include "storage/database.h"

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <string>
#include <vector>

#include "base/bus_errors.h"
#include "storage/sqlite/error.h"
#include "storage/test_notes.h"
#include "storage/testing.h"

namespace matricula::storage {
namespace {

class SqliteTest : public testing::Test {
 protected:
  std::unique_ptr<Session> reader() { return store_.database().open_reader().value(); }
  Database& database() { return store_.database(); }

  TempStore store_{kNotesMigrations};
};

TEST_F(SqliteTest, TheGenerationIsEvenAtRestAndChangesWithEachWrite) {
  const std::uint64_t before = database().generation();
  EXPECT_EQ(before % 2, 0u);
  ASSERT_TRUE(add_note(database(), 1, "x"));
  EXPECT_EQ(database().generation(), before + 2);
}

TEST_F(SqliteTest, AWriteThatKeepsCachesIsSeenWithoutANewGeneration) {
  const std::uint64_t before = database().generation();
  const Bind binds[] = {std::int64_t{1}, std::string_view("x")};
  ASSERT_TRUE(database().write_keeping_caches([&](Session& session) -> Result<void> {
    MATRICULA_CHECK(session.execute(insert_note(), binds));
    return {};
  }));
  EXPECT_EQ(count_notes(*reader()), 1);
  EXPECT_EQ(database().generation(), before);
}

TEST_F(SqliteTest, AWriteThatTimesOutLeavesNothingEvenIfItsWorkIgnoresThat) {
  const SystemClock clock;
  const Statement endless(
      "INSERT INTO notes(id) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) "
      "SELECT i FROM n");
  const Result<void> written = database().write([&](Session& session) -> Result<void> {
    session.set_deadline(clock.monotonic() + std::chrono::milliseconds(20));
    EXPECT_FALSE(session.execute(endless, {}));
    session.set_deadline(std::chrono::nanoseconds::max());
    const Bind binds[] = {std::int64_t{1}, std::string_view("stray")};
    EXPECT_FALSE(session.execute(insert_note(), binds));
    return {};
  });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(count_notes(*reader()), 0);
}

// In a process of its own: what is mapped there is of no use afterwards.
TEST_F(SqliteTest, AFileThatIsCutShortUnderAReaderIsDamageAndEndsNothing) {
  const std::string body(3'000, 'x');
  for (int id = 1; id <= 60; ++id) {
    ASSERT_TRUE(add_note(database(), id, body));
  }
  const std::string path = store_.path();
  const auto cut_short = [&] {
    survive_bus_errors();
    const SystemClock clock;
    const auto opened = open_database(path, {.migrations = kNotesMigrations}, clock).value();
    const auto session = opened->open_reader().value();
    const Statement bodies("SELECT body FROM notes ORDER BY id");
    const auto read = [&] {
      const auto rows = session->query(bodies, {});
      for (Result<bool> row = rows ? (*rows)->next() : Result<bool>(fail(rows.error()));;
           row = (*rows)->next()) {
        if (!row || !*row) {
          return row ? ErrorCode::kInternal : row.error().code;  // which no read gives
        }
      }
    };
    const bool was_good = read() == ErrorCode::kInternal;
    std::filesystem::resize_file(path, 4'096);
    const bool is_seen = was_good && read() == ErrorCode::kCorrupt &&
                         read() == ErrorCode::kCorrupt && !opened->health().reachable;
    std::_Exit(is_seen ? 0 : 1);
  };
  // Its log goes into the file when the last connection is closed.
  store_.close();
  EXPECT_EXIT(cut_short(), testing::ExitedWithCode(0), "");
}

// SQLite's allocations fail while it is false.
std::atomic<bool> has_memory = true;

sqlite3_mem_methods allocator_of_sqlite() {
  sqlite3_mem_methods methods{};
  sqlite3_config(SQLITE_CONFIG_GETMALLOC, &methods);
  return methods;
}
const sqlite3_mem_methods kAllocator = allocator_of_sqlite();

// Before main(): SQLite takes another allocator before its first use only.
const bool kIsReplaced = [] {
  sqlite3_mem_methods methods = kAllocator;
  methods.xMalloc = [](int size) { return has_memory ? kAllocator.xMalloc(size) : nullptr; };
  methods.xRealloc = [](void* memory, int size) {
    return has_memory ? kAllocator.xRealloc(memory, size) : nullptr;
  };
  return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK;
}();

TEST_F(SqliteTest, ASnapshotEndsWithoutMemory) {
  ASSERT_TRUE(kIsReplaced);
  ASSERT_TRUE(add_note(database(), 1, "x"));
  const auto session = reader();
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(session->begin_snapshot());
    ASSERT_EQ(count_notes(*session), 1 + round);
    has_memory = false;
    session->end_snapshot();
    has_memory = true;
    ASSERT_TRUE(add_note(database(), 2 + round, "y"));
    ASSERT_EQ(count_notes(*session), 2 + round);
  }
}

TEST(SqliteError, AFullDiskIsCalledThatWhicheverFileHasNoRoom) {
  for (const int code : {SQLITE_FULL, SQLITE_IOERR_SHMSIZE}) {
    EXPECT_EQ(sqlite::make_error(code, {}, {}).message, "The store has no space left.");
  }
}

TEST_F(SqliteTest, OurOwnMistakesEndTheProgram) {
  const auto session = reader();
  const Statement one("SELECT ?1");
  const Bind binds[] = {std::int64_t{1}};
  EXPECT_DEATH(static_cast<void>(session->query(one, {})), "bind_parameter_count");
  EXPECT_DEATH(static_cast<void>(session->query(Statement("SELECT 1; SELECT 2"), {})), "left");
  EXPECT_DEATH(static_cast<void>(session->execute(one, binds)), "gives_rows");
  const RowsHandle rows = session->query(one, binds).value();
  EXPECT_DEATH(static_cast<void>(session->query(one, binds)), "is_running");
  EXPECT_DEATH(static_cast<void>(
                   database().write([&](Session&) { return add_note(database(), 1, "nested"); })),
               "held_");
}

TEST_F(SqliteTest, ABackupIsAStoreOfTheSameContent) {
  ASSERT_TRUE(add_note(database(), 1, "kept"));
  const std::string file = store_.directory().file("copy.db");
  ASSERT_TRUE(database().backup(file));
  const SystemClock clock;
  auto copy = open_database(file, {.migrations = kNotesMigrations, .create = false}, clock);
  ASSERT_TRUE(copy) << copy.error().message << copy.error().internal;
  EXPECT_EQ(count_notes(*(*copy)->open_reader().value()), 1);
  EXPECT_EQ((*copy)->check(), std::vector<std::string>{});
}

TEST_F(SqliteTest, ABackupReplacesNothingAndLeavesNoDraft) {
  const std::string file = store_.directory().file("copy.db");
  ASSERT_TRUE(database().backup(file));
  const Result<void> again = database().backup(file);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error(), (Error{ErrorCode::kConflict,
                                  "The file " + file + " exists. Name another, or move it away."}));
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(store_.directory().path())) {
    names.push_back(entry.path().filename().string());
  }
  EXPECT_THAT(names, testing::UnorderedElementsAre("store.db", "store.db-wal", "store.db-shm",
                                                   "store.db-lock", "copy.db"));
}

}  // namespace
}  // namespace matricula::storage
