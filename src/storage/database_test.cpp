#include "storage/database.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "storage/limits.h"
#include "storage/test_notes.h"
#include "storage/testing.h"

namespace matricula::storage {
namespace {

class DatabaseTest : public testing::Test {
 protected:
  std::unique_ptr<Session> reader() { return store_.database().open_reader().value(); }
  Database& database() { return store_.database(); }

  TempStore store_{kNotesMigrations};
};

TEST_F(DatabaseTest, ReadersSeeWhatWasWritten) {
  ASSERT_TRUE(add_note(database(), 7, "hello"));
  const auto session = reader();
  const Statement all("SELECT id, body, weight, data FROM notes");
  const RowsHandle rows = session->query(all, {}).value();
  ASSERT_EQ(rows->next(), true);
  EXPECT_EQ(rows->integer(0), 7);
  EXPECT_EQ(rows->text(1), "hello");
  EXPECT_FALSE(rows->is_null(1));
  EXPECT_TRUE(rows->is_null(2));
  EXPECT_EQ(rows->real(2), 0.0);
  EXPECT_EQ(rows->text(2), "");
  EXPECT_TRUE(rows->bytes(3).empty());
  EXPECT_EQ(rows->next(), false);
  EXPECT_EQ(rows->next(), false);
}

TEST_F(DatabaseTest, EveryKindOfValueComesBackAsItWasBound) {
  const std::string body("a\0b\xC3\xA9", 5);
  const std::array<std::byte, 3> data = {std::byte{0}, std::byte{255}, std::byte{1}};
  const Statement insert("INSERT INTO notes VALUES(?1, ?2, ?3, ?4)");
  ASSERT_TRUE(database().write([&](Session& session) -> Result<void> {
    const Bind full[] = {std::int64_t{1}, std::string_view(body), 0.25, Bytes(data)};
    EXPECT_EQ(session.execute(insert, full), 1);
    const Bind empty[] = {std::int64_t{2}, std::string_view(), 0.0, Bytes()};
    EXPECT_EQ(session.execute(insert, empty), 1);
    const Bind nothing[] = {std::int64_t{3}, std::monostate(), std::monostate(), std::monostate()};
    EXPECT_EQ(session.execute(insert, nothing), 1);
    return {};
  }));
  const auto session = reader();
  const Statement all("SELECT body, weight, data FROM notes ORDER BY id");
  const RowsHandle rows = session->query(all, {}).value();
  ASSERT_EQ(rows->next(), true);
  EXPECT_EQ(rows->text(0), body);
  EXPECT_EQ(rows->real(1), 0.25);
  EXPECT_TRUE(std::ranges::equal(rows->bytes(2), data));
  ASSERT_EQ(rows->next(), true);
  EXPECT_FALSE(rows->is_null(0));
  EXPECT_EQ(rows->text(0), "");
  EXPECT_FALSE(rows->is_null(2));
  ASSERT_EQ(rows->next(), true);
  EXPECT_TRUE(rows->is_null(0));
  EXPECT_TRUE(rows->is_null(1));
  EXPECT_TRUE(rows->is_null(2));
}

TEST_F(DatabaseTest, AFailedWriteLeavesNothing) {
  const Result<void> written = database().write([&](Session& session) -> Result<void> {
    const Bind binds[] = {std::int64_t{1}, std::string_view("lost")};
    MATRICULA_CHECK(session.execute(insert_note(), binds));
    return fail(ErrorCode::kUnauthorized, "No.");
  });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error(), (Error{ErrorCode::kUnauthorized, "No."}));
  EXPECT_EQ(count_notes(*reader()), 0);
  EXPECT_TRUE(add_note(database(), 1, "kept"));
}

TEST_F(DatabaseTest, ExecuteTellsTheNumberOfChangedRows) {
  ASSERT_TRUE(add_note(database(), 1, "a"));
  ASSERT_TRUE(add_note(database(), 2, "b"));
  ASSERT_TRUE(database().write([](Session& session) -> Result<void> {
    EXPECT_EQ(session.execute(Statement("UPDATE notes SET body='c'"), {}), 2);
    EXPECT_EQ(session.execute(Statement("UPDATE notes SET body='c' WHERE id=9"), {}), 0);
    EXPECT_EQ(session.execute(Statement("CREATE TABLE other (id INTEGER) STRICT"), {}), 0);
    return {};
  }));
}

TEST_F(DatabaseTest, ABrokenRuleIsAConflictAndOnlyTheLogHearsWhich) {
  ASSERT_TRUE(add_note(database(), 1, "first"));
  const Result<void> again = add_note(database(), 1, "second");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error(),
            (Error{ErrorCode::kConflict, "The change conflicts with what is stored.",
                   "sqlite 1555: UNIQUE constraint failed: notes.id; in: INSERT INTO notes(id, "
                   "body) VALUES(?1, ?2)"}));
}

TEST_F(DatabaseTest, ReferencesAreKept) {
  const Result<void> written = database().write([](Session& session) -> Result<void> {
    MATRICULA_CHECK(session.execute(Statement("INSERT INTO replies VALUES(1, 99)"), {}));
    return {};
  });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kConflict);
}

TEST_F(DatabaseTest, ReadersCannotWrite) {
  const auto session = reader();
  const Result<std::int64_t> changed =
      session->execute(Statement("INSERT INTO notes(id) VALUES(1)"), {});
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, ErrorCode::kUnavailable);
}

TEST_F(DatabaseTest, ASnapshotIsOneStateUntilItEnds) {
  const auto session = reader();
  ASSERT_TRUE(session->begin_snapshot());
  EXPECT_EQ(count_notes(*session), 0);
  ASSERT_TRUE(add_note(database(), 1, "later"));
  EXPECT_EQ(count_notes(*session), 0);
  session->end_snapshot();
  EXPECT_EQ(count_notes(*session), 1);
}

TEST_F(DatabaseTest, TheGenerationIsEvenAtRestAndChangesWithEachWrite) {
  const std::uint64_t before = database().generation();
  EXPECT_EQ(before % 2, 0u);
  ASSERT_TRUE(add_note(database(), 1, "x"));
  EXPECT_EQ(database().generation(), before + 2);
}

TEST_F(DatabaseTest, AStatementThatRunsTooLongTimesOut) {
  const SystemClock clock;
  const auto session = reader();
  session->set_deadline(clock.monotonic() + std::chrono::milliseconds(20));
  const Statement endless(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT max(i) FROM n");
  const Result<std::int64_t> ended = number(*session, endless);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, ErrorCode::kTimeout);
  EXPECT_EQ(ended.error().message, "The request took longer than its limit.");
  EXPECT_EQ(count_notes(*session).error().code, ErrorCode::kTimeout);
  session->set_deadline(std::chrono::nanoseconds::max());
  EXPECT_EQ(count_notes(*session), 0);
}

TEST_F(DatabaseTest, ASnapshotEndsEvenAfterItsDeadline) {
  const SystemClock clock;
  const auto session = reader();
  ASSERT_TRUE(session->begin_snapshot());
  EXPECT_EQ(count_notes(*session), 0);
  session->set_deadline(clock.monotonic());
  session->end_snapshot();
  session->set_deadline(std::chrono::nanoseconds::max());
  ASSERT_TRUE(add_note(database(), 1, "x"));
  EXPECT_EQ(count_notes(*session), 1);
}

TEST_F(DatabaseTest, AWriteThatTimesOutLeavesNothingEvenIfItsWorkIgnoresThat) {
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

TEST_F(DatabaseTest, MoreStatementsThanTheCacheHoldsStillWork) {
  const auto session = reader();
  const Statement first("SELECT -1");
  const RowsHandle held = session->query(first, {}).value();
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(kPreparedStatementsMax) + 10; ++i) {
    EXPECT_EQ(number(*session, Statement("SELECT " + std::to_string(i))), i);
  }
  EXPECT_EQ(held->next(), true);
  EXPECT_EQ(held->integer(0), -1);
}

TEST_F(DatabaseTest, OurOwnMistakesEndTheProgram) {
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

TEST_F(DatabaseTest, AHealthyStoreHasNoProblems) {
  ASSERT_TRUE(add_note(database(), 1, "x"));
  EXPECT_EQ(database().check(), std::vector<std::string>{});
  EXPECT_TRUE(database().health().reachable);
  EXPECT_TRUE(database().health().migrations_current);
}

TEST_F(DatabaseTest, ABackupIsAStoreOfTheSameContent) {
  ASSERT_TRUE(add_note(database(), 1, "kept"));
  const std::string file = store_.directory().file("copy.db");
  ASSERT_TRUE(database().backup(file));
  const SystemClock clock;
  auto copy = open_database(file, {.migrations = kNotesMigrations, .create = false}, clock);
  ASSERT_TRUE(copy) << copy.error().message << copy.error().internal;
  EXPECT_EQ(count_notes(*(*copy)->open_reader().value()), 1);
  EXPECT_EQ((*copy)->check(), std::vector<std::string>{});
}

TEST_F(DatabaseTest, ABackupReplacesNothingAndLeavesNoDraft) {
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
