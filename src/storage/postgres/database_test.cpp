#include "storage/postgres/database.h"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <thread>

#include "storage/limits.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/test_notes.h"

namespace matricula::storage::postgres {
namespace {

class PostgresTest : public testing::Test {
 protected:
  ~PostgresTest() override {
    database_.reset();
    cluster_.drop_database(name_);
  }
  Result<std::unique_ptr<Database>> open(const OpenOptions& options) {
    return open_database(cluster_.url(name_), options, clock_);
  }
  std::unique_ptr<Session> reader() { return database_->open_reader().value(); }

  SystemClock clock_;
  PrivateCluster& cluster_ = PrivateCluster::instance();
  std::string name_ = cluster_.new_database();
  std::unique_ptr<Database> database_ = open({.migrations = kNotesMigrations}).value();
};

TEST_F(PostgresTest, EveryKindOfValueComesBackAsItWasBound) {
  const std::string body("a\0b\1\xC3\xA9", 6);
  const std::array<std::byte, 3> data = {std::byte{0}, std::byte{255}, std::byte{1}};
  const Statement insert("INSERT INTO notes VALUES(?1, ?2, ?3, ?4)");
  ASSERT_TRUE(database_->write([&](Session& session) -> Result<void> {
    const Bind full[] = {std::int64_t{-1}, std::string_view(body), 0.25, Bytes(data)};
    EXPECT_EQ(session.execute(insert, full), 1);
    const Bind empty[] = {std::int64_t{2}, std::string_view(), 0.0, Bytes()};
    EXPECT_EQ(session.execute(insert, empty), 1);
    const Bind nothing[] = {std::int64_t{3}, std::monostate(), std::monostate(), std::monostate()};
    EXPECT_EQ(session.execute(insert, nothing), 1);
    return {};
  }));
  const auto session = reader();
  const Statement all("SELECT body, weight, data, id FROM notes ORDER BY id");
  const RowsHandle rows = session->query(all, {}).value();
  ASSERT_EQ(rows->next(), true);
  EXPECT_EQ(rows->text(0), body);
  EXPECT_EQ(rows->real(1), 0.25);
  EXPECT_TRUE(std::ranges::equal(rows->bytes(2), data));
  EXPECT_EQ(rows->integer(3), -1);
  ASSERT_EQ(rows->next(), true);
  EXPECT_FALSE(rows->is_null(0));
  EXPECT_EQ(rows->text(0), "");
  EXPECT_FALSE(rows->is_null(2));
  ASSERT_EQ(rows->next(), true);
  EXPECT_TRUE(rows->is_null(0));
  EXPECT_EQ(rows->text(0), "");
  EXPECT_EQ(rows->real(1), 0.0);
  EXPECT_TRUE(rows->bytes(2).empty());
  EXPECT_EQ(rows->next(), false);
  EXPECT_EQ(rows->next(), false);
  EXPECT_TRUE(rows->is_null(0));
}

TEST_F(PostgresTest, AFailedWriteLeavesNothing) {
  const Result<void> written = database_->write([&](Session& session) -> Result<void> {
    const Bind binds[] = {std::int64_t{1}, std::string_view("lost")};
    MATRICULA_CHECK(session.execute(insert_note(), binds));
    return fail(ErrorCode::kUnauthorized, "No.");
  });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error(), (Error{ErrorCode::kUnauthorized, "No."}));
  EXPECT_EQ(count_notes(*reader()), 0);
  EXPECT_TRUE(add_note(*database_, 1, "kept"));
}

TEST_F(PostgresTest, AWriteWhoseWorkIgnoresAFailureIsNotKept) {
  ASSERT_TRUE(add_note(*database_, 1, "first"));
  const Result<void> written = database_->write([&](Session& session) -> Result<void> {
    const Bind again[] = {std::int64_t{1}, std::string_view("second")};
    EXPECT_EQ(session.execute(insert_note(), again).error().code, ErrorCode::kConflict);
    const Bind other[] = {std::int64_t{2}, std::string_view("stray")};
    EXPECT_FALSE(session.execute(insert_note(), other));
    return {};
  });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(count_notes(*reader()), 1);
}

TEST_F(PostgresTest, ABrokenRuleIsAConflictAndOnlyTheLogHearsWhich) {
  ASSERT_TRUE(add_note(*database_, 1, "first"));
  const Result<void> again = add_note(*database_, 1, "second");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error(),
            (Error{ErrorCode::kConflict, "The change conflicts with what is stored.",
                   "postgresql 23505: duplicate key value violates unique constraint "
                   "\"notes_pkey\"; in: INSERT INTO notes(id, body) VALUES($1, $2)"}));
}

TEST_F(PostgresTest, ReadersCannotWrite) {
  const auto session = reader();
  EXPECT_EQ(session->execute(Statement("INSERT INTO notes(id) VALUES(1)"), {}).error().code,
            ErrorCode::kUnavailable);
}

TEST_F(PostgresTest, ASnapshotIsOneStateUntilItEnds) {
  const auto session = reader();
  ASSERT_TRUE(session->begin_snapshot());
  EXPECT_EQ(count_notes(*session), 0);
  ASSERT_TRUE(add_note(*database_, 1, "later"));
  EXPECT_EQ(count_notes(*session), 0);
  session->end_snapshot();
  EXPECT_EQ(count_notes(*session), 1);
}

TEST_F(PostgresTest, AStatementThatRunsTooLongTimesOutAndTheSessionGoesOn) {
  const auto session = reader();
  const Statement endless(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT max(i) FROM n");
  for (const bool in_snapshot : {false, true}) {
    if (in_snapshot) {
      ASSERT_TRUE(session->begin_snapshot());
    }
    session->set_deadline(clock_.monotonic() + std::chrono::milliseconds(50));
    const Result<std::int64_t> ended = number(*session, endless);
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, ErrorCode::kTimeout);
    EXPECT_EQ(ended.error().message, "The request took longer than its limit.");
    session->set_deadline(std::chrono::nanoseconds::max());
    if (in_snapshot) {
      session->end_snapshot();
    }
    EXPECT_EQ(count_notes(*session), 0);
  }
}

TEST_F(PostgresTest, MoreStatementsThanTheCacheHoldsStillWork) {
  const auto session = reader();
  const Statement first("SELECT -1");
  const RowsHandle held = session->query(first, {}).value();
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(kPreparedStatementsMax) + 10; ++i) {
    ASSERT_EQ(number(*session, Statement("SELECT " + std::to_string(i))), i);
  }
  EXPECT_EQ(held->next(), true);
  EXPECT_EQ(held->integer(0), -1);
  const Statement names("SELECT count(*) FROM pg_prepared_statements");
  EXPECT_LE(number(*session, names).value(), static_cast<std::int64_t>(kPreparedStatementsMax) + 3);
}

TEST_F(PostgresTest, ALargeResultComesWholeAndInOrder) {
  ASSERT_TRUE(database_->write([](Session& session) -> Result<void> {
    MATRICULA_CHECK(session.execute(
        Statement("INSERT INTO notes(id) SELECT i FROM generate_series(1, 4001) i"), {}));
    return {};
  }));
  const auto session = reader();
  ASSERT_TRUE(session->begin_snapshot());
  {
    const Statement all("SELECT id FROM notes WHERE id > ?1 ORDER BY id", ResultSize::kLarge);
    const Bind binds[] = {std::int64_t{1}};
    const RowsHandle rows = session->query(all, binds).value();
    for (std::int64_t i = 2; i <= 4001; ++i) {
      ASSERT_EQ(rows->next(), true);
      ASSERT_EQ(rows->integer(0), i);
    }
    EXPECT_EQ(rows->next(), false);
  }
  session->end_snapshot();
}

TEST_F(PostgresTest, MigrationsRunOnceWhoeverStartsFirst) {
  const std::string name = cluster_.new_database();
  std::array<Result<void>, 4> opened;
  {
    std::vector<std::jthread> nodes;
    for (Result<void>& each : opened) {
      nodes.emplace_back([&] {
        const auto database =
            open_database(cluster_.url(name), {.migrations = kNotesMigrations}, clock_);
        each = database ? Result<void>() : fail(database.error());
      });
    }
  }
  for (const Result<void>& each : opened) {
    EXPECT_TRUE(each) << each.error().message << each.error().internal;
  }
  cluster_.drop_database(name);
}

TEST_F(PostgresTest, AStoreOfANewerProgramOrAnotherLineIsRefused) {
  constexpr std::array<Migration, 2> kNewer = {kNotesMigrations[0],
                                               {.number = 2,
                                                .name = "titles",
                                                .sqlite = "",
                                                .postgres = "ALTER TABLE notes ADD title TEXT"}};
  EXPECT_EQ(open({.migrations = kNewer, .migrate = false}).error().code, ErrorCode::kUnavailable);
  ASSERT_TRUE(open({.migrations = kNewer}));
  EXPECT_EQ(open({.migrations = kNotesMigrations}).error().code, ErrorCode::kCorrupt);
  // The node that was there before goes on.
  EXPECT_TRUE(database_->health().migrations_current);
  constexpr std::array<Migration, 1> kOther = {
      {{.number = 1, .name = "letters", .sqlite = "", .postgres = ""}}};
  EXPECT_EQ(open({.migrations = kOther}).error().code, ErrorCode::kCorrupt);
}

TEST_F(PostgresTest, AStatementOutlivesAChangeOfItsTables) {
  const auto session = reader();
  const Statement all("SELECT * FROM notes");
  EXPECT_EQ(session->query(all, {}).value()->next(), false);
  cluster_.run("ALTER TABLE notes ADD title TEXT", name_);
  EXPECT_TRUE(session->query(all, {}));
}

TEST_F(PostgresTest, AHealthyStoreHasNoProblemsAndAnUnfinishedIndexIsOne) {
  ASSERT_TRUE(add_note(*database_, 1, "x"));
  EXPECT_EQ(database_->check(), std::vector<std::string>{});
  EXPECT_TRUE(database_->health().reachable);
  EXPECT_TRUE(database_->health().migrations_current);
  cluster_.run(
      "CREATE INDEX half ON notes(body); UPDATE pg_index SET indisvalid = false WHERE "
      "indexrelid = 'half'::regclass",
      name_);
  EXPECT_EQ(database_->check(),
            std::vector<std::string>{"the index half is not finished; drop it or REINDEX it"});
}

TEST_F(PostgresTest, ABackupIsLeftToPostgresqlsOwnTools) {
  const Result<void> made = database_->backup("/tmp/copy");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kUsage);
  EXPECT_NE(made.error().message.find("pg_dump"), std::string::npos);
}

TEST_F(PostgresTest, WritersOfSeveralNodesTakeTurns) {
  const auto other = open({.migrations = kNotesMigrations}).value();
  ASSERT_TRUE(add_note(*database_, 1, "0"));
  const auto add_fifty = [](Database& database) {
    const Statement read("SELECT weight FROM notes WHERE id = 1");
    const Statement set("UPDATE notes SET weight = ?1 WHERE id = 1");
    for (int i = 0; i < 50; ++i) {
      EXPECT_TRUE(database.write([&](Session& session) -> Result<void> {
        double weight = 0;
        {
          MATRICULA_TRY(const RowsHandle rows, session.query(read, {}));
          MATRICULA_CHECK(rows->next());
          weight = rows->real(0);
        }
        const Bind binds[] = {weight + 1};
        MATRICULA_CHECK(session.execute(set, binds));
        return {};
      }));
    }
  };
  {
    const std::jthread one([&] { add_fifty(*database_); });
    const std::jthread two([&] { add_fifty(*other); });
  }
  EXPECT_EQ(number(*reader(), Statement("SELECT weight::bigint FROM notes WHERE id = 1")), 100);
}

}  // namespace
}  // namespace matricula::storage::postgres
