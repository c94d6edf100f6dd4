#include "storage/postgres/database.h"

#include <array>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

#include "storage/limits.h"
#include "storage/postgres/limits.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/snapshot.h"
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

TEST_F(PostgresTest, ALongSnapshotMayBeIdleAndIsPlannedForWholeTables) {
  const Statement settings(
      "SELECT concat_ws(' ', current_setting('idle_in_transaction_session_timeout'),"
      " current_setting('enable_hashjoin'), current_setting('enable_mergejoin'))");
  const auto session = reader();
  const auto read = [&] {
    const RowsHandle rows = session->query(settings, {}).value();
    EXPECT_EQ(rows->next(), true);
    return std::string(rows->text(0));
  };
  EXPECT_EQ(read(), "1min off off");
  {
    const SnapshotHandle snapshot = begin_long_snapshot(*session).value();
    EXPECT_EQ(read(), "0 on on");
  }
  EXPECT_EQ(read(), "1min off off");
}

TEST_F(PostgresTest, CopiedRowsAreThoseThatWereGiven) {
  const std::string body("a\0b\1\xC3\xA9\t\n\\N", 10);
  const std::array<std::byte, 3> data = {std::byte{0}, std::byte{255}, std::byte{1}};
  const std::string large(3 * kCopyPartBytes, 'x');
  ASSERT_TRUE(database_->write([&](Session& session) -> Result<void> {
    const Bind values[] = {std::int64_t{-1},
                           std::string_view(body),
                           0.25,
                           Bytes(data),  //
                           std::int64_t{2},
                           std::string_view(),
                           0.0,
                           Bytes(),  //
                           std::int64_t{3},
                           std::monostate(),
                           std::monostate(),
                           std::monostate(),
                           std::int64_t{4},
                           std::string_view(large),
                           1.0,
                           Bytes(data)};
    MATRICULA_CHECK(session.row_copier()->copy_rows("notes", "id, body, weight, data", values));
    return session.row_copier()->copy_rows("notes", "id", {});
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
  EXPECT_FALSE(rows->is_null(2));
  ASSERT_EQ(rows->next(), true);
  EXPECT_TRUE(rows->is_null(0) && rows->is_null(1) && rows->is_null(2));
  ASSERT_EQ(rows->next(), true);
  EXPECT_EQ(rows->text(0), large);
  EXPECT_EQ(rows->next(), false);
}

TEST_F(PostgresTest, AWriteWhoseCopiedRowsBreakARuleIsNotKeptAndTheNextOneIs) {
  const Statement count("SELECT count(*) FROM notes");
  const Bind same[] = {std::int64_t{1}, std::int64_t{2}, std::int64_t{1}};
  const Bind other[] = {std::int64_t{7}};
  const auto copy = [this](std::string_view table, std::span<const Bind> ids) {
    return database_->write([&](Session& session) -> Result<void> {
      const Result<void> copied = session.row_copier()->copy_rows(table, "id", ids);
      EXPECT_NE(copied.has_value(), table == "nowhere" || ids.size() == 3);
      return {};  // the write fails even if the failure is not handed on
    });
  };
  EXPECT_FALSE(copy("notes", same));
  EXPECT_FALSE(copy("nowhere", other));
  EXPECT_TRUE(copy("notes", other));
  const auto session = reader();
  const RowsHandle rows = session->query(count, {}).value();
  ASSERT_EQ(rows->next(), true);
  EXPECT_EQ(rows->integer(0), 1);
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

TEST_F(PostgresTest, TheServerForgetsTheStatementsThatTheCacheDropped) {
  const auto session = reader();
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(kPreparedStatementsMax) + 10; ++i) {
    ASSERT_EQ(number(*session, Statement("SELECT " + std::to_string(i))), i);
  }
  const Statement names("SELECT count(*) FROM pg_prepared_statements");
  EXPECT_LE(number(*session, names).value(), static_cast<std::int64_t>(kPreparedStatementsMax) + 4);
}

// Of what is kept, the text is bounded as well: here after three of four.
TEST_F(PostgresTest, TheServerForgetsStatementsWhoseTextsAreTooLargeTogether) {
  const auto session = reader();
  const Statement names("SELECT count(*) FROM pg_prepared_statements");
  const std::int64_t before = number(*session, names).value();
  const std::string part(kPreparedTextMax / 4, ' ');
  std::vector<std::int64_t> kept;
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(number(*session, Statement("SELECT 1" + part)), 1);
    kept.push_back(number(*session, names).value() - before);
  }
  EXPECT_EQ(kept, (std::vector<std::int64_t>{1, 2, 3, 3, 3}));
  ASSERT_EQ(number(*session, Statement("SELECT 2" + part + part + part + part + part)), 2);
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

TEST_F(PostgresTest, ALargeResultThatIsNotReadToItsEndMayBeAskedForAgain) {
  const Statement all("SELECT i FROM generate_series(?1::bigint, 4001) i ORDER BY i",
                      ResultSize::kLarge);
  const auto ask_twice = [&](Session& session) -> Result<void> {
    for (const std::int64_t from : {7, 9}) {
      const Bind binds[] = {from};
      MATRICULA_TRY(const RowsHandle rows, session.query(all, binds));
      EXPECT_EQ(rows->next(), true);
      EXPECT_EQ(rows->integer(0), from);
    }
    return {};
  };
  EXPECT_TRUE(database_->write(ask_twice));
  const auto session = reader();
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(session->begin_snapshot());
    EXPECT_TRUE(ask_twice(*session));
    session->end_snapshot();
  }
}

TEST_F(PostgresTest, MigrationsRunOnceWhoeverStartsFirst) {
  const std::string name = cluster_.new_database();
  std::array<Result<void>, 4> opened;
  {
    std::vector<std::jthread> nodes;
    nodes.reserve(opened.size());
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

TEST_F(PostgresTest, ARoleIsAllowedToWorkOnTheStoreByItsOwnerAndIfItIsThere) {
  EXPECT_EQ(open({.migrations = kNotesMigrations, .app_role = "nobody's"}).error().message,
            "The server has no role \"nobody's\". Make it with CREATE ROLE ... LOGIN, or correct "
            "--app-role.");
  EXPECT_TRUE(open({.migrations = kNotesMigrations, .app_role = "matricula_app"}));
  const auto other =
      open_database(cluster_.url(name_, "matricula_app"),
                    {.migrations = kNotesMigrations, .app_role = "postgres"}, clock_);
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("does not own the store"), std::string::npos)
      << other.error().message;
}

TEST_F(PostgresTest, ADatabaseOfAnotherProgramIsLeftAlone) {
  const auto refusal = [&](std::string_view made_before) {
    const std::string name = cluster_.new_database();
    cluster_.run(fmt::format(fmt::runtime(made_before), name), name);
    const auto opened = open_database(cluster_.url(name), {.migrations = kNotesMigrations}, clock_);
    cluster_.drop_database(name);
    return opened ? "" : opened.error().message;
  };
  EXPECT_THAT(refusal("CREATE TABLE notes(a INTEGER)"),
              testing::HasSubstr("has tables of another program, one of which is called as"));
  EXPECT_THAT(refusal("CREATE TABLE schema_migrations(version TEXT PRIMARY KEY)"),
              testing::HasSubstr("has a table schema_migrations that is not ours"));
  EXPECT_EQ(refusal("CREATE SCHEMA rails; CREATE TABLE rails.schema_migrations(version TEXT)"), "");
  EXPECT_EQ(refusal("CREATE TABLE schema_migrations(version TEXT); CREATE EXTENSION pg_trgm; "
                    "CREATE SCHEMA \"Ours-1\" AUTHORIZATION matricula_owner; "
                    "ALTER ROLE matricula_owner IN DATABASE {} SET search_path = \"Ours-1\""),
            "");
}

TEST_F(PostgresTest, ARoleThatMayNotMakeAStoreIsToldSo) {
  const std::string name = cluster_.new_database();
  const auto refusal = [&](const char* role) {
    const auto opened =
        open_database(cluster_.url(name, role), {.migrations = kNotesMigrations}, clock_);
    return opened ? "" : opened.error().message;
  };
  EXPECT_THAT(refusal("matricula_app"), testing::StartsWith("There is no store in "));
  cluster_.drop_database(name);
}

TEST_F(PostgresTest, AStatementOutlivesAChangeOfItsTables) {
  const auto session = reader();
  const Statement all("SELECT * FROM notes");
  EXPECT_EQ(session->query(all, {}).value()->next(), false);
  cluster_.run("ALTER TABLE notes ADD title TEXT", name_);
  EXPECT_TRUE(session->query(all, {}));
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
