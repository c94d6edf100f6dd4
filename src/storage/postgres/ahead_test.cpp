// Statements that are sent before the answers of others came, and those that go ahead of one.
#include <array>
#include <gtest/gtest.h>
#include <thread>

#include "storage/postgres/database.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/test_notes.h"

namespace matricula::storage::postgres {
namespace {

const Statement& find_body() {
  static const Statement kFind("SELECT body FROM notes WHERE id = ?1");
  return kFind;
}

const Statement& count_up() {
  static const Statement kCount(
      "UPDATE notes SET weight = coalesce(weight, 0) + 1 WHERE id = ?1 RETURNING weight");
  return kCount;
}

class PostgresAhead : public testing::Test {
 protected:
  PostgresAhead() {
    for (const std::int64_t id : {1, 2, 3}) {
      EXPECT_TRUE(add_note(*database_, id, std::string(1, static_cast<char>('a' + id))));
    }
  }
  ~PostgresAhead() override {
    session_.reset();
    database_.reset();
    cluster_.drop_database(name_);
  }

  Result<std::string> body_of(std::int64_t id) {
    const Bind binds[] = {id};
    MATRICULA_TRY(const RowsHandle rows, session_->query(find_body(), binds));
    MATRICULA_TRY(const bool any, rows->next());
    return any ? std::string(rows->text(0)) : std::string();
  }
  bool send(std::int64_t id) {
    EXPECT_TRUE(session_->start_ahead());
    EXPECT_FALSE(body_of(id));
    return session_->end_ahead();
  }
  Result<std::string> receive(std::int64_t id) {
    session_->resume_ahead();
    Result<std::string> body = body_of(id);
    session_->leave_ahead();
    return body;
  }

  SystemClock clock_;
  PrivateCluster& cluster_ = PrivateCluster::instance();
  std::string name_ = cluster_.new_database();
  std::unique_ptr<Database> database_ =
      open_database(cluster_.url(name_), {.migrations = kNotesMigrations}, clock_).value();
  std::unique_ptr<Session> session_ = database_->open_access_session().value();
};

TEST_F(PostgresAhead, AnswersComeInTheOrderOfWhatWasSent) {
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(send(1));
    ASSERT_TRUE(send(2));
    ASSERT_TRUE(send(9));
    EXPECT_EQ(receive(1).value(), "b");
    EXPECT_EQ(receive(2).value(), "c");
    EXPECT_EQ(receive(9).value(), "");
    EXPECT_EQ(body_of(3).value(), "d");
  }
}

TEST_F(PostgresAhead, AnAnswerThatNobodyTakesIsNotTheNextOnes) {
  ASSERT_TRUE(send(1));
  ASSERT_TRUE(send(2));
  session_->resume_ahead();
  session_->leave_ahead();
  EXPECT_EQ(receive(2).value(), "c");
}

TEST_F(PostgresAhead, AnotherStatementThanTheOneSentGetsNothing) {
  ASSERT_TRUE(send(1));
  session_->resume_ahead();
  EXPECT_FALSE(count_notes(*session_));
  session_->leave_ahead();
  EXPECT_EQ(count_notes(*session_).value(), 3);
}

TEST_F(PostgresAhead, WhatFirstHasToBePreparedIsSentAheadOfOthersAlone) {
  ASSERT_TRUE(send(1));
  EXPECT_TRUE(session_->start_ahead());
  EXPECT_FALSE(count_notes(*session_));
  EXPECT_FALSE(session_->end_ahead());
  EXPECT_EQ(receive(1).value(), "b");
}

TEST_F(PostgresAhead, ASnapshotIsNotReadAhead) {
  EXPECT_TRUE(session_->start_ahead());
  EXPECT_FALSE(session_->begin_snapshot());
  EXPECT_FALSE(session_->end_ahead());
  EXPECT_EQ(body_of(1).value(), "b");
}

TEST_F(PostgresAhead, ALostConnectionLosesAllOfThemAndTheSessionGoesOn) {
  ASSERT_TRUE(send(1));
  ASSERT_TRUE(send(2));
  cluster_.run(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> "
      "pg_backend_pid() AND backend_type = 'client backend'",
      name_);
  // What came before the end was sent may have been answered.
  static_cast<void>(receive(1));
  static_cast<void>(receive(2));
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  EXPECT_EQ(body_of(1).value(), "b");
  ASSERT_TRUE(send(2));
  EXPECT_EQ(receive(2).value(), "c");
}

TEST_F(PostgresAhead, APrefaceIsKeptWhateverBecomesOfTheStatementBehindIt) {
  static const Statement kWrong("SELECT 1 / (?1::bigint - 1)");
  const Bind binds[] = {std::int64_t{1}};
  double weight = 0;
  const Preface preface{.statement = count_up(), .binds = binds, .judge = [&](Rows& rows) {
                          EXPECT_TRUE(rows.next().value());
                          weight = rows.real(0);
                          return Result<void>();
                        }};
  ASSERT_TRUE(session_->set_preface(&preface));
  EXPECT_FALSE(session_->query(kWrong, binds));
  EXPECT_EQ(weight, 1);
  // Once: this statement has none.
  EXPECT_EQ(body_of(1).value(), "b");
  ASSERT_TRUE(session_->set_preface(&preface));
  EXPECT_EQ(body_of(1).value(), "b");
  EXPECT_EQ(weight, 2);
}

TEST_F(PostgresAhead, ARefusalByAPrefaceIsTheErrorOfItsOwnStatementAlone) {
  const Bind known[] = {std::int64_t{1}};
  const Bind unknown[] = {std::int64_t{9}};
  const auto judge = [](Rows& rows) -> Result<void> {
    MATRICULA_TRY(const bool any, rows.next());
    return any ? Result<void>() : fail(ErrorCode::kConflict, "refused");
  };
  const Preface admits{.statement = count_up(), .binds = known, .judge = judge};
  const Preface refuses{.statement = count_up(), .binds = unknown, .judge = judge};
  session_->set_preface(&refuses);
  EXPECT_EQ(body_of(1).error().code, ErrorCode::kConflict);
  for (const Preface* preface : {&admits, &refuses, &admits}) {
    session_->set_preface(preface);
    ASSERT_TRUE(send(1));
    session_->set_preface(nullptr);
  }
  EXPECT_EQ(receive(1).value(), "b");
  EXPECT_EQ(receive(1).error().code, ErrorCode::kConflict);
  EXPECT_EQ(receive(1).value(), "b");
}

TEST_F(PostgresAhead, OfACompanyAServingSessionOnlyReads) {
  const Bind binds[] = {std::int64_t{1}};
  session_->set_tenant("4821");
  EXPECT_FALSE(session_->query(count_up(), binds));
  session_->set_tenant({});
  EXPECT_TRUE(session_->query(count_up(), binds));
}

}  // namespace
}  // namespace matricula::storage::postgres
