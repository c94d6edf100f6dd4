#include <array>
#include <gtest/gtest.h>
#include <limits>
#include <optional>

#include "base/within_memory.h"
#include "storage/postgres/database.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/session_scope.h"
#include "storage/snapshot.h"
#include "storage/test_notes.h"
#include "tests/memory/failing_new.h"

namespace matricula::storage::postgres {
namespace {

constexpr std::int64_t kNotes = 1'000;
constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();

const Statement& count_of_ids() {
  static const Statement kCount("SELECT count(*) FROM notes WHERE id = ANY(?1::bigint[])");
  return kCount;
}

// Identifies the caller whose number is its parameter.
const Statement& count_up() {
  static const Statement kCount(
      "UPDATE notes SET weight = coalesce(weight, 0) + 1 WHERE id = ?1 RETURNING id");
  return kCount;
}

const Statement& find_body() {
  static const Statement kFind("SELECT body FROM notes WHERE id = ?1");
  return kFind;
}

// Fails for 1.
const Statement& one_by() {
  static const Statement kOneBy("SELECT (1 / (?1::bigint - 1))::text");
  return kOneBy;
}

class SessionMemory : public testing::Test {
 protected:
  SessionMemory() {
    const Statement fill(
        "INSERT INTO notes(id, body) SELECT i, i::text FROM generate_series(1, 1000) i");
    EXPECT_TRUE(database_->write([&](Session& session) -> Result<void> {
      MATRICULA_CHECK(session.execute(fill, {}));
      return {};
    }));
    for (std::int64_t i = 1; i <= kNotes; ++i) {
      ids_.emplace_back(i);
    }
  }
  ~SessionMemory() override {
    database_.reset();
    cluster_.drop_database(name_);
  }

  // The number of notes, behind a guard that has to find this caller's own row.
  Result<std::int64_t> count_as(std::int64_t caller) {
    const Bind id[] = {caller};
    const GuardStatement guard{
        .statement = count_up(), .binds = id, .check = [caller](Rows& rows) -> Result<void> {
          MATRICULA_TRY(const bool any, rows.next());
          EXPECT_TRUE(any && rows.integer(0) == caller);
          return {};
        }};
    const GuardScope scope = scope_to_guard(session_, guard);
    const Bind binds[] = {ValueList{ids_}};
    return number(session_, count_of_ids(), binds);
  }

  // Runs `work` again and again, and lets `failures` allocations fail, from a later one each time,
  // until it takes no more. Before each `prepare` is called, and `verify` after it.
  template <typename Prepare, typename Work, typename Verify>
  static void shorten(std::uint64_t failures, const Prepare& prepare, const Work& work,
                      const Verify& verify) {
    bool has_failed = true;
    std::uint64_t before = 0;
    for (; has_failed && !testing::Test::HasFailure(); ++before) {
      SCOPED_TRACE(before);
      prepare();
      FailingAllocations failing(before, failures);
      run_within_memory(work);
      has_failed = failing.stop();
      verify();
    }
    EXPECT_GT(before, 3U);
  }

  SystemClock clock_;
  PrivateCluster& cluster_ = PrivateCluster::instance();
  std::string name_ = cluster_.new_database();
  std::unique_ptr<Database> database_ =
      open_database(cluster_.url(name_), {.migrations = kNotesMigrations}, clock_).value();
  std::vector<Value> ids_;
  Connector connector_{parse_address(cluster_.url(name_)).value(), std::chrono::milliseconds(0),
                       clock_};
  PostgresSession session_{connector_, Access::kServe, clock_};
};

TEST_F(SessionMemory, ACallerNeverReceivesTheAnswerOfTheOneBefore) {
  for (const std::uint64_t failures : {1, 8}) {
    ASSERT_EQ(count_as(1), kNotes);
    shorten(
        failures, [] {}, [&] { static_cast<void>(count_as(1)); },
        [&] { EXPECT_EQ(count_as(2), kNotes); });
  }
}

TEST_F(SessionMemory, AConnectionThatWasNotMadeToTheEndIsNotUsed) {
  ASSERT_EQ(count_as(1), kNotes);
  shorten(
      1, [&] { session_.connection()->drop(); }, [&] { static_cast<void>(count_as(1)); },
      [&] { EXPECT_EQ(count_as(2), kNotes); });
}

TEST_F(SessionMemory, ANewStatementIsPreparedOnceThereIsMemory) {
  std::optional<Statement> added;
  const auto run = [&] { return number(session_, *added); };
  shorten(
      1, [&] { added.emplace("SELECT 7"); }, [&] { static_cast<void>(run()); },
      [&] { EXPECT_EQ(run(), 7); });
}

TEST_F(SessionMemory, ALargeResultThatWasNotReadIsReadAfresh) {
  const Statement all("SELECT i FROM generate_series(1, 4001) i", ResultSize::kLarge);
  const auto sum = [&]() -> Result<std::int64_t> {
    MATRICULA_TRY(const SnapshotHandle snapshot, begin_snapshot(session_));
    std::int64_t total = 0;
    MATRICULA_CHECK(each_row(session_, all, {}, [&](const Rows& row) { total += row.integer(0); }));
    return total;
  };
  const std::int64_t expected = 4001LL * 4002 / 2;
  ASSERT_EQ(sum(), expected);
  shorten(
      1, [] {}, [&] { static_cast<void>(sum()); }, [&] { EXPECT_EQ(sum(), expected); });
}

TEST_F(SessionMemory, AWriteThatFoundNoneLeavesTheWriterUsable) {
  std::int64_t id = kNotes;
  const auto write = [&] { return add_note(*database_, ++id, "x"); };
  ASSERT_TRUE(write());
  shorten(
      1, [] {}, [&] { static_cast<void>(write()); }, [&] { EXPECT_TRUE(write()); });
}

class BatchMemory : public SessionMemory {
 protected:
  // Opens a batch of three, of which the second fails, and gives it once it was sent.
  std::unique_ptr<BatchRows> send() {
    auto batch = session_.open_batch(guard_);
    if (batch == nullptr) {
      return nullptr;
    }
    tickets_ = {batch->add({}, find_body(), first_), batch->add({}, one_by(), first_),
                batch->add({}, find_body(), first_)};
    return std::move(*batch).send();
  }
  Result<std::string> body_of(std::int64_t id) {
    const Bind binds[] = {id};
    MATRICULA_TRY(const RowsHandle rows, session_.query(find_body(), binds));
    MATRICULA_CHECK(rows->next());
    return std::string(rows->text(0));
  }
  // What goes with a batch has been prepared before.
  void prepare_all() {
    const Bind two[] = {std::int64_t{2}};
    EXPECT_TRUE(body_of(1) && session_.query(one_by(), two));
  }

  const Bind first_[1] = {std::int64_t{1}};
  const GuardStatement guard_{.statement = count_up(), .binds = first_, .check = [](Rows& rows) {
                                return rows.next() ? Result<void>()
                                                   : fail(ErrorCode::kConflict, "refused");
                              }};
  std::array<std::optional<Ticket>, 3> tickets_;
};

TEST_F(BatchMemory, RowsAreDroppedWhereNoneIsLeft) {
  for (int round = 0; round < 3; ++round) {
    prepare_all();
    auto rows = send();
    ASSERT_TRUE(rows != nullptr && tickets_[0] && tickets_[1] && tickets_[2]);
    FailingAllocations failing(0, kAll);
    rows.reset();
    EXPECT_TRUE(failing.stop());
    EXPECT_EQ(body_of(3), "3");
  }
}

TEST_F(BatchMemory, WhateverFailsTheNextStatementReceivesItsOwnRows) {
  for (const std::uint64_t failures : {1, 8}) {
    shorten(
        failures, [&] { prepare_all(); },
        [&] {
          const auto rows = send();
          for (const auto& ticket : tickets_) {
            if (rows != nullptr && ticket) {
              run_within_memory([&] { static_cast<void>(rows->rows(*ticket)); });
            }
          }
        },
        [&] { EXPECT_EQ(body_of(3), "3"); });
  }
}

}  // namespace
}  // namespace matricula::storage::postgres
