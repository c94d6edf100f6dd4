#include "records/tombstones.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "exchange/testing.h"
#include "records/statement_rows.h"
#include "storage/postgres/testing_cluster.h"

namespace matricula::records {
namespace {

using storage::Session;

constexpr EntityId kTable = EntityId::kProgramProgress;

KeyTexts key(std::size_t number) {
  return {fmt::format("user{}", number), fmt::format("p'{}", number % 3), "1"};
}

class TombstonesTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const std::string url =
        storage::postgres::PrivateCluster::new_store(GetParam(), directory_.file("store.db"));
    database_ = storage::open_database(url, {.migrations = migrations::all()}, clock_).value();
  }

  // A write of its own; `work` is to flush.
  void write(const std::function<void(Session&, Tombstones&)>& work) {
    const auto done = database_->write([&](Session& session) -> Result<void> {
      Tombstones tombstones(*database_);
      work(session, tombstones);
      return {};
    });
    ASSERT_TRUE(done) << done.error().message << done.error().internal;
  }

  // Leaves those of keys 0 to count - 1, numbered from 1.
  void leave(std::size_t count, std::string_view company = "acme") {
    write([&](Session& session, Tombstones& tombstones) {
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_TRUE(tombstones.add(session, company, kTable, key(i),
                                   static_cast<std::int64_t>(i) + 1, 1'000));
      }
    });
  }

  std::vector<std::string> left(std::string_view company = "acme") {
    const auto reader = database_->open_reader().value();
    const storage::Statement all{
        "SELECT key FROM tombstones WHERE company_id = ?1 ORDER BY change_seq"};
    return all_texts(*reader, all, {company}).value();
  }

  ManualClock clock_;
  storage::TempDirectory directory_;
  std::unique_ptr<storage::Database> database_;
};

TEST_P(TombstonesTest, ThoseOfManyRowsThatAreThereAgainGo) {
  constexpr std::size_t kMany = 3 * Tombstones::kBatch + 20;
  leave(kMany);
  leave(2, "bolt");
  write([&](Session& session, Tombstones& tombstones) {
    for (std::size_t i = 1; i < kMany + 5; ++i) {  // the last five have none
      ASSERT_TRUE(tombstones.drop(session, "acme", kTable, key(i)));
    }
    ASSERT_TRUE(tombstones.flush(session));
  });
  EXPECT_EQ(left(), (std::vector<std::string>{"user0"}));
  EXPECT_EQ(left("bolt"), (std::vector<std::string>{"user0", "user1"}));
}

TEST_P(TombstonesTest, ARowThatIsDeletedAgainKeepsItsTombstone) {
  leave(3);
  write([&](Session& session, Tombstones& tombstones) {
    for (std::size_t i = 0; i < 3; ++i) {
      ASSERT_TRUE(tombstones.drop(session, "acme", kTable, key(i)));
    }
    ASSERT_TRUE(tombstones.add(session, "acme", kTable, key(1), 9, 2'000));
    ASSERT_TRUE(tombstones.flush(session));
  });
  EXPECT_EQ(left(), (std::vector<std::string>{"user1"}));
}

TEST_P(TombstonesTest, ARowThatWasNeverCommittedLeavesWhatWasThere) {
  leave(2);
  write([&](Session& session, Tombstones& tombstones) {
    const auto before = database_->open_reader().value();
    for (const std::size_t i : {1, 7}) {  // 7 has none
      ASSERT_TRUE(tombstones.drop(session, "acme", kTable, key(i)));
      ASSERT_TRUE(tombstones.add(session, "acme", kTable, key(i), 8, 2'000));
      ASSERT_TRUE(tombstones.drop(session, "acme", kTable, key(i)));
      ASSERT_TRUE(tombstones.restore(session, *before, "acme", kTable, key(i)));
    }
    ASSERT_TRUE(tombstones.flush(session));
  });
  EXPECT_EQ(left(), (std::vector<std::string>{"user0", "user1"}));
}

TEST_P(TombstonesTest, NoMoreKeysWaitThanTheBound) {
  // Of many companies, so that no table of one fills a statement.
  constexpr std::size_t kCompanies = Tombstones::kPendingMax / 100;
  leave(1, "c5");
  write([&](Session& session, Tombstones& tombstones) {
    for (std::size_t i = 0; i < Tombstones::kPendingMax; ++i) {
      ASSERT_TRUE(tombstones.drop(session, fmt::format("c{}", i % kCompanies), kTable,
                                  key(i / kCompanies)));
    }
  });
  EXPECT_EQ(left("c5"), std::vector<std::string>{});
}

INSTANTIATE_TEST_SUITE_P(Stores, TombstonesTest, testing::Values("sqlite", "postgres"),
                         [](const auto& instance) { return instance.param; });

}  // namespace
}  // namespace matricula::records
