// What holds when the server dies, hangs or goes away.
#include <atomic>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <set>
#include <thread>

#include "storage/postgres/database.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/test_notes.h"

namespace matricula::storage::postgres {
namespace {

constexpr int kCrashes = 5;

class PostgresFailure : public testing::Test {
 protected:
  ~PostgresFailure() override {
    database_.reset();
    cluster_.drop_database(name_);
  }

  SystemClock clock_;
  PrivateCluster& cluster_ = PrivateCluster::instance();
  std::string name_ = cluster_.new_database();
  std::unique_ptr<Database> database_ =
      open_database(cluster_.url(name_),
                    {.migrations = kNotesMigrations,
                     .busy_timeout = std::chrono::milliseconds(500),
                     .statement_timeout = std::chrono::milliseconds(500)},
                    clock_)
          .value();
};

TEST_F(PostgresFailure, AReaderGoesOnAfterTheServerWasStartedAnew) {
  ASSERT_TRUE(add_note(*database_, 1, "x"));
  const auto session = database_->open_reader().value();
  EXPECT_EQ(count_notes(*session), 1);
  cluster_.stop_at_once();
  const Result<std::int64_t> gone = count_notes(*session);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::kUnavailable);
  EXPECT_FALSE(database_->health().reachable);
  cluster_.start();
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  EXPECT_EQ(count_notes(*session), 1);
  EXPECT_TRUE(database_->health().reachable);
  EXPECT_TRUE(add_note(*database_, 2, "y"));
}

TEST_F(PostgresFailure, AServerThatTakesNoMoreConnectionsIsReachedOverThoseThatServe) {
  const auto limit = [this](int connections) {
    cluster_.run(fmt::format("ALTER DATABASE {} CONNECTION LIMIT {}", name_, connections));
  };
  auto session = database_->open_access_session().value();
  limit(1);
  EXPECT_FALSE(database_->health().reachable);  // writers have one, requests have none
  limit(-1);
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  EXPECT_EQ(count_notes(*session), 0);
  limit(1);
  const StoreHealth health = database_->health();
  EXPECT_TRUE(health.reachable);
  EXPECT_TRUE(health.migrations_current);
  EXPECT_EQ(count_notes(*session), 0);
  session.reset();
  EXPECT_FALSE(database_->health().reachable);
  limit(-1);
  EXPECT_TRUE(database_->health().reachable);
}

TEST_F(PostgresFailure, ASnapshotThatWasReadFromIsNotRepeatedOnAnotherConnection) {
  const auto session = database_->open_reader().value();
  ASSERT_TRUE(session->begin_snapshot());
  EXPECT_EQ(count_notes(*session), 0);
  cluster_.stop_at_once();
  cluster_.start();
  EXPECT_FALSE(count_notes(*session));
  session->end_snapshot();
  EXPECT_EQ(count_notes(*session), 0);
}

// What was acknowledged is there, and what was refused is not, wherever the server was cut off.
TEST_F(PostgresFailure, CrashesLoseNothingThatWasAcknowledgedAndKeepNothingThatWasRefused) {
  std::atomic<bool> ends = false;
  std::atomic<std::size_t> acknowledged = 0;
  std::set<std::int64_t> kept;
  std::set<std::int64_t> refused;
  std::set<std::int64_t> unknown;
  {
    const std::jthread writer([&] {
      for (std::int64_t id = 1; !ends; ++id) {
        const auto& add = id % 2 == 0 ? add_note : add_note_aside;
        const Result<void> added = add(*database_, id, std::string(2'000, 'x'));
        if (added) {
          kept.insert(id);
          ++acknowledged;
        } else if (added.error().message.starts_with("It is not known")) {
          unknown.insert(id);
        } else {
          refused.insert(id);
        }
      }
    });
    // However slow the machine is, every crash meets a writer at work.
    const auto wait_for_writes = [&] {
      for (const std::size_t before = acknowledged; acknowledged < before + 2;) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    };
    for (int crash = 0; crash < kCrashes; ++crash) {
      wait_for_writes();
      std::this_thread::sleep_for(std::chrono::milliseconds(13 * crash));
      cluster_.stop_at_once();
      cluster_.start();
    }
    wait_for_writes();
    ends = true;
  }
  EXPECT_GE(kept.size(), 2U * kCrashes);
  const auto session = database_->open_reader().value();
  for (const std::int64_t id : kept) {
    ASSERT_EQ(has_note(*session, id), true) << id;
  }
  for (const std::int64_t id : refused) {
    ASSERT_EQ(has_note(*session, id), false) << id;
  }
  RecordProperty("kept", static_cast<int>(kept.size()));
  RecordProperty("unknown", static_cast<int>(unknown.size()));
}

TEST_F(PostgresFailure, AServerThatHangsIsWaitedForWithinBounds) {
  const auto session = database_->open_reader().value();
  EXPECT_EQ(count_notes(*session), 0);
  cluster_.freeze(true);
  session->set_deadline(clock_.monotonic() + std::chrono::milliseconds(50));
  const Result<std::int64_t> hung = count_notes(*session);
  const bool is_reachable = database_->health().reachable;
  cluster_.freeze(false);
  ASSERT_FALSE(hung);
  EXPECT_EQ(hung.error().code, ErrorCode::kTimeout);
  EXPECT_FALSE(is_reachable);
  session->set_deadline(std::chrono::nanoseconds::max());
  EXPECT_EQ(count_notes(*session), 0);
}

TEST_F(PostgresFailure, AWriteThatStandsStillForTooLongIsEndedAndSaysSo) {
  const std::string text = "SELECT 1 /* " + std::string(5'000, 'x') + " */";
  const Result<void> written = database_->write([&](Session& session) -> Result<void> {
    MATRICULA_CHECK(insert_note(session, 1, "x"));
    MATRICULA_CHECK(number(
        session,
        Statement("SELECT length(set_config('idle_in_transaction_session_timeout', '50', true))")));
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    MATRICULA_CHECK(number(session, Statement(text)));
    return {};
  });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(written.error().message,
            "The store ended this change, because it had stood still for too long. Try again.");
  EXPECT_LT(written.error().internal.size(), 1'000U);
  EXPECT_TRUE(add_note(*database_, 1, "x"));
}

// Another node that holds the writers' lock is waited for, but not for ever.
TEST_F(PostgresFailure, ABusyStoreIsWaitedForWithinBounds) {
  const auto other =
      open_database(cluster_.url(name_), {.migrations = kNotesMigrations}, clock_).value();
  const Result<void> held = other->write([this](Session&) -> Result<void> {
    const Result<void> waited = add_note(*database_, 1, "x");
    EXPECT_FALSE(waited);
    EXPECT_EQ(waited.error().message, "The store is busy. Try again later.");
    return {};
  });
  EXPECT_TRUE(held);
  EXPECT_TRUE(add_note(*database_, 1, "x"));
}

}  // namespace
}  // namespace matricula::storage::postgres
