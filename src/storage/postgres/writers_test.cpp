// Writers of records and writers of access data: which waits for which.
#include <atomic>
#include <gtest/gtest.h>
#include <string>
#include <thread>

#include "storage/postgres/limits.h"
#include "storage/postgres/testing_cluster.h"
#include "storage/test_notes.h"

namespace matricula::storage::postgres {
namespace {

const std::string kBusy = "The store is busy. Try again later.";

class PostgresWriters : public testing::Test {
 protected:
  ~PostgresWriters() override {
    other_.reset();
    node_.reset();
    cluster_.drop_database(name_);
  }
  std::unique_ptr<Database> open() {
    return open_database(
               cluster_.url(name_),
               {.migrations = kNotesMigrations, .busy_timeout = std::chrono::milliseconds(500)},
               clock_)
        .value();
  }

  // What becomes of each kind of write that is begun meanwhile, on this node and on another one:
  // "records access all", a `-` in place of one that waited in vain.
  std::string meanwhile(Database& database) {
    std::string told;
    const auto add = [&](const char* kind, const Result<void>& written) {
      EXPECT_TRUE(written || written.error().message == kBusy) << written.error().internal;
      told += (told.empty() ? "" : " ") + std::string(written ? kind : "-");
    };
    // A write of one thread may not begin within another's.
    std::thread([&] {
      add("records", database.write_records({.work = note()}));
      add("access", database.write_access(note()));
      add("all", database.write(note()));
    }).join();
    return told;
  }
  std::function<Result<void>(Session&)> note() {
    return [this](Session& session) { return insert_note(session, ++last_id_, "x"); };
  }
  void expect_meanwhile(const std::string& told) {
    EXPECT_EQ(meanwhile(*node_), told);
    EXPECT_EQ(meanwhile(*other_), told);
  }
  std::uint64_t generation() {
    const auto session = other_->open_reader().value();
    return other_->read_generation(*session).value();
  }

  SystemClock clock_;
  PrivateCluster& cluster_ = PrivateCluster::instance();
  std::string name_ = cluster_.new_database();
  std::unique_ptr<Database> node_ = open();
  std::unique_ptr<Database> other_ = open();
  std::int64_t last_id_ = 0;
};

TEST_F(PostgresWriters, AccessDataIsWrittenWhileRecordsAre) {
  ASSERT_TRUE(node_->write_records({.work = [this](Session& session) -> Result<void> {
    MATRICULA_CHECK(note()(session));
    expect_meanwhile("- access -");
    return {};
  }}));
}

TEST_F(PostgresWriters, RecordsAreWrittenWhileAccessDataIs) {
  ASSERT_TRUE(node_->write_access([this](Session& session) -> Result<void> {
    MATRICULA_CHECK(note()(session));
    expect_meanwhile("records - -");
    return {};
  }));
}

TEST_F(PostgresWriters, AWriteOfEverythingIsAlone) {
  ASSERT_TRUE(node_->write([this](Session&) -> Result<void> {
    expect_meanwhile("- - -");
    return {};
  }));
}

TEST_F(PostgresWriters, NobodyWritesAccessDataWhileAWriteOfRecordsLooksAtItAgain) {
  std::string order;
  ASSERT_TRUE(node_->write_records({.work = [&](Session&) -> Result<void> {
                                      order += "work ";
                                      return {};
                                    },
                                    .recheck = [&](Session&) -> Result<void> {
                                      expect_meanwhile("- - -");
                                      order += "recheck";
                                      return {};
                                    }}));
  EXPECT_EQ(order, "work recheck");
  const Result<void> refused =
      node_->write_records({.work = note(), .recheck = [](Session&) -> Result<void> {
                              return fail(ErrorCode::kConflict, "referred to");
                            }});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "referred to");
  EXPECT_EQ(has_note(*node_->open_reader().value(), last_id_), false);
}

TEST_F(PostgresWriters, EitherCountsTheGenerationWhenItIsCommitted) {
  const std::uint64_t before = generation();
  std::uint64_t amid = 0;
  ASSERT_TRUE(node_->write_records({.work = [&](Session& session) -> Result<void> {
    MATRICULA_CHECK(note()(session));
    std::thread([&] { EXPECT_TRUE(node_->write_access(note())); }).join();
    amid = generation();
    return {};
  }}));
  EXPECT_EQ(amid, before + 2);
  EXPECT_EQ(generation(), before + 4);
}

// Such a program takes one lock for all that it writes.
TEST_F(PostgresWriters, AProgramOfBeforeTwoLocksExcludesAllOthers) {
  {
    const auto before = other_->open_access_session().value();
    const Statement lock("SELECT pg_advisory_lock(" + std::to_string(kWriterLock) + ")");
    ASSERT_EQ(before->query(lock, {}).value()->next(), true);
    EXPECT_EQ(meanwhile(*node_), "- - -");
  }
  EXPECT_EQ(meanwhile(*node_), "records access all");
}

TEST_F(PostgresWriters, AMigrationWaitsForWritersOfRecordsAndHoldsNobodyElseUpMeanwhile) {
  static constexpr std::array<Migration, 2> kNewer = {
      kNotesMigrations[0],
      {.number = 2, .name = "titles", .sqlite = "", .postgres = "ALTER TABLE notes ADD t TEXT"}};
  std::atomic<bool> is_migrated = false;
  std::thread migration;
  ASSERT_TRUE(node_->write_records({.work = [&](Session& session) -> Result<void> {
    MATRICULA_CHECK(note()(session));
    migration = std::thread([&] {
      EXPECT_TRUE(open_database(cluster_.url(name_), {.migrations = kNewer}, clock_));
      is_migrated = true;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_EQ(meanwhile(*other_), "- access -");
    EXPECT_FALSE(is_migrated);
    return {};
  }}));
  migration.join();
  EXPECT_TRUE(is_migrated);
}

}  // namespace
}  // namespace matricula::storage::postgres
