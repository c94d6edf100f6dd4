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

// The company that the session is set to, or nothing.
const Statement& of_company() {
  static const Statement kCompany(
      "SELECT coalesce(current_setting('matricula.company', true), '') WHERE ?1::bigint > 0");
  return kCompany;
}

// Fails for 1.
const Statement& one_by() {
  static const Statement kOneBy("SELECT (1 / (?1::bigint - 1))::text");
  return kOneBy;
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

  Result<std::string> body_of(std::int64_t id) { return text(find_body(), id); }
  Result<std::string> text(const Statement& statement, std::int64_t id) {
    const Bind binds[] = {id};
    MATRICULA_TRY(const RowsHandle rows, session_->query(statement, binds));
    MATRICULA_TRY(const bool any, rows->next());
    return any ? std::string(rows->text(0)) : std::string();
  }
  // Statements that are sent ahead have been asked before, each in its transaction.
  void ask_all_before() { EXPECT_TRUE(body_of(1) && text(of_company(), 1) && text(one_by(), 2)); }
  bool send(std::int64_t id, const Statement& statement = find_body()) {
    session_->start_ahead();
    EXPECT_FALSE(text(statement, id));
    return session_->end_ahead();
  }
  Result<std::string> receive(std::int64_t id, const Statement& statement = find_body()) {
    session_->resume_ahead();
    Result<std::string> body = text(statement, id);
    session_->leave_ahead();
    return body;
  }
  // A guard that counts up a note that is there, or is refused.
  GuardStatement counts(const Bind& id) {
    return {
        .statement = count_up(), .binds = {&id, 1}, .check = [this](Rows& rows) -> Result<void> {
          MATRICULA_TRY(const bool any, rows.next());
          weight_ = any ? rows.real(0) : weight_;
          return any ? Result<void>() : fail(ErrorCode::kConflict, "refused");
        }};
  }

  const Bind known_ = std::int64_t{1};
  const Bind unknown_ = std::int64_t{9};
  const GuardStatement guard_ = counts(known_);
  double weight_ = 0;  // as the last guard left it
  SystemClock clock_;
  PrivateCluster& cluster_ = PrivateCluster::instance();
  std::string name_ = cluster_.new_database();
  std::unique_ptr<Database> database_ =
      open_database(cluster_.url(name_), {.migrations = kNotesMigrations}, clock_).value();
  std::unique_ptr<Session> session_ = database_->open_access_session().value();
};

TEST_F(PostgresAhead, AnswersComeInTheOrderOfWhatWasSent) {
  ask_all_before();
  for (int round = 1; round < 3; ++round) {
    ASSERT_TRUE(session_->begin_batch(guard_));
    ASSERT_TRUE(send(1));
    ASSERT_TRUE(send(2));
    ASSERT_TRUE(send(9));
    ASSERT_TRUE(session_->send_batch());
    EXPECT_EQ(weight_, round);
    EXPECT_EQ(receive(1).value(), "b");
    EXPECT_EQ(receive(2).value(), "c");
    EXPECT_EQ(receive(9).value(), "");
    EXPECT_EQ(body_of(3).value(), "d");
  }
}

TEST_F(PostgresAhead, ARoundOfNoneIsItsPrefaceAlone) {
  ASSERT_TRUE(session_->begin_batch(guard_));
  EXPECT_TRUE(session_->send_batch());
  EXPECT_EQ(weight_, 1);
  EXPECT_EQ(body_of(1).value(), "b");
}

TEST_F(PostgresAhead, EachIsOfItsCompanyWhateverWentBefore) {
  ask_all_before();
  const std::array<std::string_view, 5> companies = {"11", "11", "12", "11", ""};
  ASSERT_TRUE(session_->begin_batch(guard_));
  for (const std::string_view company : companies) {
    session_->set_tenant(company);
    ASSERT_TRUE(send(1, of_company()));
  }
  ASSERT_TRUE(session_->send_batch());
  for (const std::string_view company : companies) {
    session_->set_tenant(company);
    EXPECT_EQ(receive(1, of_company()).value(), company);
  }
  session_->set_tenant({});
  EXPECT_EQ(text(of_company(), 1).value(), "");
}

TEST_F(PostgresAhead, AnAnswerThatNobodyTakesIsNotTheNextOnes) {
  ask_all_before();
  ASSERT_TRUE(session_->begin_batch(guard_));
  ASSERT_TRUE(send(1));
  ASSERT_TRUE(send(2));
  ASSERT_TRUE(session_->send_batch());
  session_->resume_ahead();
  session_->leave_ahead();
  EXPECT_EQ(receive(2).value(), "c");
}

TEST_F(PostgresAhead, AnotherStatementThanTheOneSentGetsNothing) {
  ask_all_before();
  ASSERT_TRUE(session_->begin_batch(guard_));
  ASSERT_TRUE(send(1));
  ASSERT_TRUE(session_->send_batch());
  session_->resume_ahead();
  EXPECT_FALSE(count_notes(*session_));
  session_->leave_ahead();
  EXPECT_EQ(count_notes(*session_).value(), 3);
}

TEST_F(PostgresAhead, WhatFirstHasToBePreparedIsNotSent) {
  ASSERT_TRUE(session_->begin_batch(guard_));
  EXPECT_FALSE(send(1));
  EXPECT_TRUE(session_->send_batch());
  EXPECT_EQ(body_of(1).value(), "b");
}

TEST_F(PostgresAhead, ASnapshotIsNotReadAhead) {
  ASSERT_TRUE(session_->begin_batch(guard_));
  session_->start_ahead();
  EXPECT_FALSE(session_->begin_snapshot());
  EXPECT_FALSE(session_->end_ahead());
  EXPECT_TRUE(session_->send_batch());
  EXPECT_EQ(body_of(1).value(), "b");
}

TEST_F(PostgresAhead, BehindOneThatFailedAllFailAndThePrefaceStands) {
  ask_all_before();
  ASSERT_TRUE(session_->begin_batch(guard_));
  ASSERT_TRUE(send(1));
  ASSERT_TRUE(send(1, one_by()));
  ASSERT_TRUE(send(2));
  ASSERT_TRUE(session_->send_batch());
  EXPECT_EQ(receive(1).value(), "b");
  EXPECT_FALSE(receive(1, one_by()));
  EXPECT_FALSE(receive(2));
  EXPECT_EQ(body_of(2).value(), "c");
  ASSERT_TRUE(session_->begin_batch(guard_));
  ASSERT_TRUE(session_->send_batch());
  EXPECT_EQ(weight_, 2);
}

TEST_F(PostgresAhead, ALostConnectionLosesAllOfThemAndTheSessionGoesOn) {
  ask_all_before();
  ASSERT_TRUE(session_->begin_batch(guard_));
  ASSERT_TRUE(send(1));
  cluster_.run(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> "
      "pg_backend_pid() AND backend_type = 'client backend'",
      name_);
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  const bool was_sent = send(2);
  static_cast<void>(session_->send_batch());  // the guard was sent before, and may be answered
  EXPECT_FALSE(receive(1));
  if (was_sent) {
    EXPECT_FALSE(receive(2));
  }
  EXPECT_EQ(body_of(1).value(), "b");
  ASSERT_TRUE(session_->begin_batch(guard_));
  ASSERT_TRUE(send(1));
  ASSERT_TRUE(session_->send_batch());
  EXPECT_EQ(receive(1).value(), "b");
}

TEST_F(PostgresAhead, ARefusedRoundSaysSoAndItsAnswersAreStillThere) {
  ask_all_before();
  const GuardStatement refused = counts(unknown_);
  ASSERT_TRUE(session_->begin_batch(refused));
  ASSERT_TRUE(send(1));
  EXPECT_EQ(session_->send_batch().error().code, ErrorCode::kConflict);
  EXPECT_EQ(receive(1).value(), "b");
}

TEST_F(PostgresAhead, APrefaceIsKeptWhateverBecomesOfTheStatementBehindIt) {
  ASSERT_TRUE(session_->set_guard(&guard_));
  EXPECT_FALSE(text(one_by(), 1));
  EXPECT_EQ(weight_, 1);
  // Once: this statement has none.
  EXPECT_EQ(body_of(1).value(), "b");
  ASSERT_TRUE(session_->set_guard(&guard_));
  EXPECT_EQ(body_of(1).value(), "b");
  EXPECT_EQ(weight_, 2);
}

TEST_F(PostgresAhead, ARefusalByAPrefaceIsTheErrorOfTheStatementBehindIt) {
  const GuardStatement refused = counts(unknown_);
  session_->set_guard(&refused);
  EXPECT_EQ(body_of(1).error().code, ErrorCode::kConflict);
  EXPECT_EQ(body_of(1).value(), "b");
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
