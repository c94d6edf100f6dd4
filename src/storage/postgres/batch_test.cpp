// Many statements in one round trip, and those that go ahead of one.
#include <array>
#include <gtest/gtest.h>
#include <optional>
#include <thread>
#include <vector>

#include "storage/postgres/database.h"
#include "storage/postgres/error.h"
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

class PostgresBatch : public testing::Test {
 protected:
  PostgresBatch() {
    for (const std::int64_t id : {1, 2, 3}) {
      EXPECT_TRUE(add_note(*database_, id, std::string(1, static_cast<char>('a' + id))));
    }
  }
  ~PostgresBatch() override {
    session_.reset();
    database_.reset();
    cluster_.drop_database(name_);
  }

  Result<std::string> body_of(std::int64_t id) { return text(find_body(), id); }
  Result<std::string> text(const Statement& statement, std::int64_t id) {
    const Bind binds[] = {id};
    MATRICULA_TRY(const RowsHandle rows, session_->query(statement, binds));
    return first_text(*rows);
  }
  // What goes with a batch has been prepared before.
  void prepare_all() { EXPECT_TRUE(body_of(1) && text(of_company(), 1) && text(one_by(), 2)); }
  std::unique_ptr<Batch> open() { return session_->open_batch(guard_); }
  static std::optional<Ticket> add(Batch& batch, std::int64_t id,
                                   const Statement& statement = find_body(),
                                   std::string_view company = {}) {
    const Bind binds[] = {id};
    return batch.add(company, statement, binds);
  }
  static Result<std::string> text_of(BatchRows& batch, Ticket ticket) {
    MATRICULA_TRY(const RowsHandle rows, batch.rows(ticket));
    return first_text(*rows);
  }
  static Result<std::string> first_text(Rows& rows) {
    MATRICULA_TRY(const bool any, rows.next());
    return any ? std::string(rows.text(0)) : std::string();
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

TEST_F(PostgresBatch, EachTicketGivesTheRowsOfItsStatementInAnyOrder) {
  prepare_all();
  for (int round = 1; round < 3; ++round) {
    auto batch = open();
    const Ticket first = add(*batch, 1).value();
    const Ticket second = add(*batch, 2).value();
    const Ticket none = add(*batch, 9).value();
    const auto rows = std::move(*batch).send();
    EXPECT_TRUE(rows->verdict());
    EXPECT_EQ(weight_, round);
    EXPECT_EQ(text_of(*rows, round == 1 ? first : second).value(), round == 1 ? "b" : "c");
    EXPECT_EQ(text_of(*rows, none).value(), "");
    EXPECT_EQ(text_of(*rows, round == 1 ? second : first).value(), round == 1 ? "c" : "b");
  }
  EXPECT_EQ(body_of(3).value(), "d");
}

TEST_F(PostgresBatch, AllOfItIsOneRoundTrip) {
  prepare_all();
  EXPECT_TRUE(open());  // its guard is prepared from now on
  const std::uint64_t before = session_->round_trips();
  {
    auto batch = open();
    const std::array<Ticket, 3> tickets = {add(*batch, 1).value(),
                                           add(*batch, 1, of_company(), "11").value(),
                                           add(*batch, 2, of_company(), "12").value()};
    const auto rows = std::move(*batch).send();
    for (const Ticket ticket : tickets) {
      EXPECT_TRUE(text_of(*rows, ticket));
    }
  }
  EXPECT_EQ(session_->round_trips(), before + 1);
  EXPECT_TRUE(body_of(1));
  EXPECT_EQ(session_->round_trips(), before + 2);
}

TEST_F(PostgresBatch, ABatchOfNoneIsItsGuardAlone) {
  auto batch = open();
  EXPECT_TRUE(std::move(*batch).send()->verdict());
  EXPECT_EQ(weight_, 1);
  EXPECT_EQ(body_of(1).value(), "b");
}

TEST_F(PostgresBatch, OneThatIsNotSentIsItsGuardAlone) {
  prepare_all();
  {
    auto batch = open();
    EXPECT_TRUE(add(*batch, 1));
  }
  EXPECT_EQ(weight_, 1);
  EXPECT_EQ(body_of(2).value(), "c");
}

TEST_F(PostgresBatch, EachIsOfItsCompanyWhateverWentBefore) {
  prepare_all();
  const std::array<std::string_view, 5> companies = {"11", "11", "12", "11", ""};
  {
    auto batch = open();
    std::vector<Ticket> tickets;
    for (const std::string_view company : companies) {
      tickets.push_back(add(*batch, 1, of_company(), company).value());
    }
    const auto rows = std::move(*batch).send();
    for (std::size_t i = 0; i < tickets.size(); ++i) {
      EXPECT_EQ(text_of(*rows, tickets[i]).value(), companies[i]);
    }
  }
  EXPECT_EQ(text(of_company(), 1).value(), "");
}

TEST_F(PostgresBatch, RowsThatNothingReadsAreNotTheNextOnes) {
  prepare_all();
  {
    auto batch = open();
    EXPECT_TRUE(add(*batch, 1));
    const Ticket second = add(*batch, 2).value();
    EXPECT_TRUE(add(*batch, 3));
    const auto rows = std::move(*batch).send();
    EXPECT_EQ(text_of(*rows, second).value(), "c");
  }
  EXPECT_EQ(body_of(1).value(), "b");
}

TEST_F(PostgresBatch, WhileItIsOpenOtherStatementsFail) {
  prepare_all();
  {
    auto batch = open();
    const Ticket ticket = add(*batch, 1).value();
    EXPECT_EQ(count_notes(*session_).error().code, ErrorCode::kUnavailable);
    const auto rows = std::move(*batch).send();
    EXPECT_EQ(count_notes(*session_).error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(text_of(*rows, ticket).value(), "b");
  }
  EXPECT_EQ(count_notes(*session_).value(), 3);
}

TEST_F(PostgresBatch, WhatFirstHasToBePreparedIsNotAdded) {
  auto batch = open();
  EXPECT_FALSE(add(*batch, 1));
  EXPECT_TRUE(std::move(*batch).send()->verdict());
  EXPECT_EQ(body_of(1).value(), "b");
}

TEST_F(PostgresBatch, BehindOneThatFailedAllFailAndWhatTheGuardChangedStays) {
  prepare_all();
  {
    auto batch = open();
    const Ticket good = add(*batch, 1).value();
    const Ticket bad = add(*batch, 1, one_by()).value();
    const Ticket behind = add(*batch, 2).value();
    const auto rows = std::move(*batch).send();
    EXPECT_EQ(text_of(*rows, good).value(), "b");
    EXPECT_FALSE(text_of(*rows, bad));
    EXPECT_FALSE(text_of(*rows, behind));
  }
  EXPECT_EQ(body_of(2).value(), "c");
  EXPECT_TRUE(open());
  EXPECT_EQ(weight_, 2);
}

TEST_F(PostgresBatch, ALostConnectionLosesAllOfThemAndTheSessionGoesOn) {
  prepare_all();
  {
    auto batch = open();
    const Ticket first = add(*batch, 1).value();
    cluster_.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> "
        "pg_backend_pid() AND backend_type = 'client backend'",
        name_);
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
    const std::optional<Ticket> second = add(*batch, 2);
    const auto rows = std::move(*batch).send();  // the guard went before, and may be answered
    EXPECT_FALSE(text_of(*rows, first));
    if (second) {
      EXPECT_FALSE(text_of(*rows, *second));
    }
  }
  EXPECT_EQ(body_of(1).value(), "b");
  auto batch = open();
  const Ticket ticket = add(*batch, 1).value();
  EXPECT_EQ(text_of(*std::move(*batch).send(), ticket).value(), "b");
}

TEST_F(PostgresBatch, TheGuardsVerdictIsToldAndTheRowsAreThereAllTheSame) {
  prepare_all();
  const GuardStatement refused = counts(unknown_);
  auto batch = session_->open_batch(refused);
  const Ticket ticket = add(*batch, 1).value();
  const auto rows = std::move(*batch).send();
  EXPECT_EQ(rows->verdict().error().code, ErrorCode::kConflict);
  EXPECT_EQ(text_of(*rows, ticket).value(), "b");
}

TEST_F(PostgresBatch, AGuardIsKeptWhateverBecomesOfTheStatementBehindIt) {
  ASSERT_TRUE(session_->set_guard(&guard_));
  EXPECT_FALSE(text(one_by(), 1));
  EXPECT_EQ(weight_, 1);
  // Once: this statement has none.
  EXPECT_EQ(body_of(1).value(), "b");
  ASSERT_TRUE(session_->set_guard(&guard_));
  EXPECT_EQ(body_of(1).value(), "b");
  EXPECT_EQ(weight_, 2);
}

TEST_F(PostgresBatch, ARefusalByAGuardIsTheErrorOfTheStatementBehindIt) {
  const GuardStatement refused = counts(unknown_);
  session_->set_guard(&refused);
  EXPECT_EQ(body_of(1).error().code, ErrorCode::kConflict);
  EXPECT_EQ(body_of(1).value(), "b");
}

// An error that the server reported before says nothing of the connection that a refusal came over.
TEST_F(PostgresBatch, ARefusalByAGuardIsNotRepeatedOnAnotherConnection) {
  Connector connector(parse_address(cluster_.url(name_)).value(), std::chrono::milliseconds(0),
                      clock_);
  PostgresSession session(connector, Access::kServe, clock_);
  const Statement process("SELECT pg_backend_pid()");
  const std::int64_t before = number(session, process).value();
  ASSERT_FALSE(session.connection()->run_script("DEALLOCATE nowhere", Deadline::max()));
  EXPECT_EQ(session.connection()->last_sqlstate(), kNoSuchStatement);
  int runs = 0;
  const GuardStatement refused{.statement = count_up(), .binds = {&known_, 1}, .check = [&](Rows&) {
                                 ++runs;
                                 return Result<void>(fail(ErrorCode::kConflict, "refused"));
                               }};
  session.set_guard(&refused);
  const auto answer = count_notes(session);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kConflict);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(number(session, process), before);
  EXPECT_EQ(connector.pooling(), Connector::Pooling::kUnknown);
}

// Even where the statement behind the guard fails in a way that another connection would mend.
TEST_F(PostgresBatch, ARefusalByAGuardIsFinalWhateverBecomesOfTheStatementBehindIt) {
  const Statement all("SELECT * FROM notes");
  EXPECT_TRUE(session_->query(all, {}));
  cluster_.run("ALTER TABLE notes ADD title TEXT", name_);
  const GuardStatement refused = counts(unknown_);
  session_->set_guard(&refused);
  const auto answer = session_->query(all, {});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kConflict);
  EXPECT_TRUE(session_->query(all, {}));
}

TEST_F(PostgresBatch, OfACompanyAServingSessionOnlyReads) {
  const Bind binds[] = {std::int64_t{1}};
  session_->set_tenant("4821");
  EXPECT_FALSE(session_->query(count_up(), binds));
  session_->set_tenant({});
  EXPECT_TRUE(session_->query(count_up(), binds));
}

}  // namespace
}  // namespace matricula::storage::postgres
