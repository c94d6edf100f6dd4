// Fails the first, second, third ... write, sync or other change of files that SQLite makes, until
// a run meets no failure any more.
#include <functional>
#include <gtest/gtest.h>
#include <vector>

#include "storage/database.h"
#include "storage/fault_vfs.h"
#include "storage/test_notes.h"
#include "storage/testing.h"

namespace matricula::storage {
namespace {

constexpr std::int64_t kNotes = 6;
constexpr int kRunsMax = 1'000;

class FaultTest : public testing::TestWithParam<Fault> {
 protected:
  Result<std::unique_ptr<Database>> open(const std::string& path) {
    return open_database(path, {.migrations = kNotesMigrations}, clock_);
  }

  // The ids that were acknowledged.
  static std::vector<std::int64_t> add_notes(Database& database) {
    std::vector<std::int64_t> kept;
    for (std::int64_t id = 1; id <= kNotes; ++id) {
      if (add_note(database, id, std::string(9'000, 'x'))) {
        kept.push_back(id);
      }
    }
    return kept;
  }

  void expect_whole(const std::string& path, const std::vector<std::int64_t>& kept) {
    const auto database = open(path);
    ASSERT_TRUE(database) << database.error().message << " " << database.error().internal;
    EXPECT_EQ((*database)->check(), std::vector<std::string>{});
    const auto session = (*database)->open_reader().value();
    for (const std::int64_t id : kept) {
      EXPECT_EQ(has_note(*session, id), true) << id;
    }
    EXPECT_TRUE(add_note(**database, 100, "after"));
  }

  // Runs `body` with a store in a fresh directory, the Nth change failing, for N = 1, 2, 3 ...
  void with_each_fault(const std::function<void(const std::string& path, int nth)>& body) {
    for (int nth = 1; nth < kRunsMax; ++nth) {
      SCOPED_TRACE("fault " + std::to_string(nth));
      const TempDirectory directory;
      body(directory.file("store.db"), nth);
      if (HasFailure() || !vfs_.disarm()) {
        return;
      }
    }
    FAIL() << "the faults never ended";
  }

  SystemClock clock_;
  FaultVfs vfs_;
};

TEST_P(FaultTest, WhatWasAcknowledgedSurvivesAndTheStoreOpensAgain) {
  with_each_fault([this](const std::string& path, int nth) {
    std::vector<std::int64_t> kept;
    {
      const auto database = open(path).value();
      vfs_.arm(nth, GetParam());
      kept = add_notes(*database);
      // While the program lives, readers see what was acknowledged and nothing else.
      EXPECT_EQ(count_notes(*database->open_reader().value()),
                static_cast<std::int64_t>(kept.size()));
    }
    vfs_.settle();
    expect_whole(path, kept);
  });
}

TEST_P(FaultTest, MakingAStoreCanBeRepeatedWhereverItWasCutOff) {
  with_each_fault([this](const std::string& path, int nth) {
    vfs_.arm(nth, GetParam());
    open(path).has_value();
    vfs_.settle();
    expect_whole(path, {});
  });
}

TEST_P(FaultTest, ABackupIsWholeOrNotThere) {
  with_each_fault([this](const std::string& path, int nth) {
    const auto database = open(path).value();
    ASSERT_EQ(add_notes(*database).size(), static_cast<std::size_t>(kNotes));
    vfs_.arm(nth, GetParam());
    const Result<void> made = database->backup(path + "-copy");
    vfs_.settle();
    ASSERT_EQ(std::filesystem::exists(path + "-copy"), made.has_value());
    if (made) {
      expect_whole(path + "-copy", {1, 2, 3, 4, 5, 6});
    }
  });
}

INSTANTIATE_TEST_SUITE_P(Storage, FaultTest,
                         testing::Values(Fault::kDiskFull, Fault::kFailure, Fault::kPowerLoss),
                         [](const testing::TestParamInfo<Fault>& fault) {
                           return std::string(fault_name(fault.param));
                         });

TEST(FullDisk, FailsTheWriteSaysWhyAndTheNextGoesThrough) {
  FaultVfs vfs;
  TempStore store(kNotesMigrations);
  const auto session = store.database().open_reader().value();
  const std::uint64_t before = store.database().generation();
  vfs.arm(1, Fault::kDiskFull);
  const Result<void> full = add_note(store.database(), 1, "x");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(full.error().message, "The store has no space left.");
  EXPECT_EQ(count_notes(*session), 0);
  EXPECT_TRUE(add_note(store.database(), 1, "x"));
  EXPECT_EQ(count_notes(*session), 1);
  EXPECT_GT(store.database().generation(), before);
  EXPECT_EQ(store.database().generation() % 2, 0u);
}

}  // namespace
}  // namespace matricula::storage
