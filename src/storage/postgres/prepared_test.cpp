// What a session knows of the statements that its connection has.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <thread>

#include "storage/limits.h"
#include "storage/postgres/database.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/test_notes.h"

namespace matricula::storage::postgres {
namespace {

class PostgresPrepared : public testing::Test {
 protected:
  ~PostgresPrepared() override {
    database_.reset();
    cluster_.drop_database(name_);
  }

  // Statements of a new text each, until the cache has dropped some.
  Result<void> fill(Session& session) {
    for (std::size_t i = 0; i < kPreparedStatementsMax + 10; ++i) {
      MATRICULA_CHECK(number(session, new_statement()));
    }
    return {};
  }
  Statement new_statement() { return Statement(fmt::format("SELECT {}", ++statements_)); }
  // Ends the server's side of all connections.
  void cut() {
    cluster_.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> "
        "pg_backend_pid() AND backend_type = 'client backend'",
        name_);
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
  }

  int statements_ = 0;
  SystemClock clock_;
  PrivateCluster& cluster_ = PrivateCluster::instance();
  std::string name_ = cluster_.new_database();
  std::unique_ptr<Database> database_ =
      open_database(cluster_.url(name_), {.migrations = kNotesMigrations}, clock_).value();
};

TEST_F(PostgresPrepared, ANewStatementRunsInASnapshotOnAnotherConnection) {
  const auto session = database_->open_access_session().value();
  ASSERT_TRUE(fill(*session));
  const Statement known("SELECT 7");
  ASSERT_EQ(number(*session, known), 7);
  cut();
  ASSERT_TRUE(number(*session, new_statement()));
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(session->begin_snapshot());
    EXPECT_EQ(number(*session, known), 7);
    const auto added = number(*session, new_statement());
    EXPECT_TRUE(added) << added.error().internal;
    EXPECT_TRUE(number(*session, new_statement()));
    session->end_snapshot();
  }
}

TEST_F(PostgresPrepared, ANewStatementRunsInAWriteOnAnotherConnection) {
  ASSERT_TRUE(database_->write([this](Session& session) { return fill(session); }));
  cut();
  for (int round = 0; round < 3; ++round) {
    const Result<void> written = database_->write([this](Session& session) -> Result<void> {
      MATRICULA_CHECK(number(session, new_statement()));
      MATRICULA_CHECK(number(session, new_statement()));
      return {};
    });
    EXPECT_TRUE(written) << written.error().internal;
  }
}

// In a transaction that has failed the server forgets nothing: it does so afterwards.
TEST_F(PostgresPrepared, WhatTheServerCouldNotForgetYetItForgetsLater) {
  const auto session = database_->open_access_session().value();
  const Statement first = new_statement();
  ASSERT_TRUE(number(*session, first));
  for (std::size_t i = 0; i + 1 < kPreparedStatementsMax; ++i) {
    ASSERT_TRUE(number(*session, new_statement()));
  }
  ASSERT_TRUE(session->begin_snapshot());
  EXPECT_FALSE(number(*session, Statement("SELECT 1 / 0")));
  EXPECT_FALSE(number(*session, new_statement()));
  session->end_snapshot();
  const auto again = number(*session, first);
  EXPECT_TRUE(again) << again.error().internal;
  const Statement names("SELECT count(*) FROM pg_prepared_statements");
  EXPECT_LE(number(*session, names).value(), static_cast<std::int64_t>(kPreparedStatementsMax) + 4);
}

TEST_F(PostgresPrepared, AStatementBehindOneThatFailedIsNotCalledAChange) {
  const auto session = database_->open_reader().value();
  ASSERT_TRUE(session->begin_snapshot());
  EXPECT_FALSE(number(*session, Statement("SELECT 1 / 0")));
  const auto behind = number(*session, new_statement());
  session->end_snapshot();
  ASSERT_FALSE(behind);
  EXPECT_EQ(behind.error().message, "The store could not do this. Try again later.");
}

}  // namespace
}  // namespace matricula::storage::postgres
