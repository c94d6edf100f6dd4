#include "storage/sqlite/lock_file.h"

#include <gtest/gtest.h>

#include "storage/testing.h"

namespace matricula::storage::sqlite {
namespace {

using std::chrono::milliseconds;

// Two of them are as two processes are: each has a description of the open file for itself.
struct LockFileTest : testing::Test {
  std::unique_ptr<LockFile> open() const {
    return LockFile::open(directory.file("store.db"), 0600).value();
  }

  TempDirectory directory;
  const SystemClock clock;
};

TEST_F(LockFileTest, OneThatWaitsHasItsTurnBetweenTwoTransactionsOfAnother) {
  const auto busy = open();
  const auto other = open();
  constexpr int kTransactions = 200;
  std::atomic<int> done = 0;
  std::thread writer([&] {
    for (; done < kTransactions; ++done) {
      const auto hold = busy->acquire(milliseconds(10'000), clock);
      ASSERT_TRUE(hold);
      std::this_thread::sleep_for(milliseconds(5));
    }
  });
  while (done == 0) {
    std::this_thread::yield();
  }
  for (int turn = 0; turn < 5; ++turn) {
    const int before = done;
    const auto hold = other->acquire(milliseconds(10'000), clock);
    ASSERT_TRUE(hold);
    EXPECT_LE(done, before + 20) << "of " << kTransactions << ", a twentieth of a second each";
  }
  EXPECT_LT(done, kTransactions);
  done = kTransactions;
  writer.join();
}

TEST_F(LockFileTest, NobodyWaitsForOneThatIsNotThere) {
  const auto alone = open();
  const auto start = clock.monotonic();
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_TRUE(alone->acquire(milliseconds(1'000), clock));
  }
  EXPECT_LT(clock.monotonic() - start, std::chrono::seconds(2)) << "2 ms each";
}

}  // namespace
}  // namespace matricula::storage::sqlite
