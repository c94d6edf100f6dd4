// What several programs on one store may rely on. Each test forks before it opens anything: a
// connection must never be carried into a child.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "storage/database.h"
#include "storage/sqlite/lock_file.h"
#include "storage/test_notes.h"
#include "storage/testing.h"

namespace matricula::storage {
namespace {

using std::chrono::milliseconds;

// Another program, and a pipe of numbers in each direction.
class Child {
 public:
  explicit Child(const std::function<bool(Child&)>& body) {
    int to_child[2];
    int from_child[2];
    MATRICULA_ASSERT(pipe(to_child) == 0 && pipe(from_child) == 0);
    process_ = fork();
    MATRICULA_ASSERT(process_ >= 0);
    const bool is_child = process_ == 0;
    in_ = is_child ? to_child[0] : from_child[0];
    out_ = is_child ? from_child[1] : to_child[1];
    close(is_child ? to_child[1] : from_child[1]);
    close(is_child ? from_child[0] : to_child[0]);
    if (is_child) {
      _exit(body(*this) ? 0 : 1);
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (process_ > 0) {
      kill();
    }
    close(in_);
    close(out_);
  }

  void say(std::int64_t value) const {
    MATRICULA_ASSERT(::write(out_, &value, sizeof value) == sizeof value);
  }
  // What the other side said next; -1 at its end.
  std::int64_t hear() const {
    std::int64_t value = 0;
    return ::read(in_, &value, sizeof value) == sizeof value ? value : -1;
  }
  bool ended_well() {
    int status = 0;
    waitpid(process_, &status, 0);
    process_ = 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }
  void kill() {
    ::kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = 0;
  }

 private:
  pid_t process_ = 0;
  int in_ = -1;
  int out_ = -1;
};

class ProcessTest : public testing::Test {
 protected:
  std::unique_ptr<Database> open(milliseconds busy_timeout = milliseconds(10'000)) {
    auto opened = open_database(
        path_, {.migrations = kNotesMigrations, .busy_timeout = busy_timeout}, clock_);
    EXPECT_TRUE(opened) << opened.error().message;
    MATRICULA_ASSERT(opened.has_value());
    return *std::move(opened);
  }

  SystemClock clock_;
  TempDirectory directory_;
  const std::string path_ = directory_.file("store.db");
};

TEST_F(ProcessTest, EachSeesTheWritesAndTheGenerationOfTheOther) {
  Child other([this](Child& parent) {
    const auto database = open();
    parent.say(0);
    for (std::int64_t id = parent.hear(); id > 0; id = parent.hear()) {
      if (!add_note(*database, id, "child")) {
        return false;
      }
      parent.say(static_cast<std::int64_t>(database->generation()));
    }
    return true;
  });
  ASSERT_EQ(other.hear(), 0);
  const auto database = open();
  const auto session = database->open_reader().value();
  for (std::int64_t id = 1; id < 20; id += 2) {
    const std::uint64_t before = database->generation();
    EXPECT_EQ(before % 2, 0u);
    other.say(id);
    EXPECT_EQ(other.hear(), static_cast<std::int64_t>(before) + 2);
    EXPECT_EQ(database->generation(), before + 2);
    EXPECT_EQ(count_notes(*session), id);
    ASSERT_TRUE(add_note(*database, id + 1, "parent"));
  }
  other.say(0);
  EXPECT_TRUE(other.ended_well());
}

TEST_F(ProcessTest, ManyMayMakeTheStoreAtOnce) {
  std::vector<std::unique_ptr<Child>> children;
  for (std::int64_t id = 1; id <= 6; ++id) {
    children.push_back(std::make_unique<Child>([this, id](Child& parent) {
      parent.hear();
      const auto database = open();
      return add_note(*database, id, "child").has_value();
    }));
  }
  for (const auto& child : children) {
    child->say(1);
  }
  for (const auto& child : children) {
    EXPECT_TRUE(child->ended_well());
  }
  const auto database = open();
  EXPECT_EQ(count_notes(*database->open_reader().value()), 6);
  EXPECT_EQ(database->check(), std::vector<std::string>{});
}

TEST_F(ProcessTest, WritersTakeTurnsAndNoneIsLost) {
  constexpr std::int64_t kEach = 50;
  const auto write_many = [this](std::int64_t first) {
    const auto database = open();
    for (std::int64_t id = first; id < first + kEach; ++id) {
      if (!add_note(*database, id, "x")) {
        return false;
      }
    }
    return true;
  };
  Child one([&](Child&) { return write_many(1'000); });
  Child two([&](Child&) { return write_many(2'000); });
  EXPECT_TRUE(write_many(3'000));
  EXPECT_TRUE(one.ended_well());
  EXPECT_TRUE(two.ended_well());
  const auto database = open();
  EXPECT_EQ(count_notes(*database->open_reader().value()), 3 * kEach);
  EXPECT_EQ(database->generation() % 2, 0u);
}

TEST_F(ProcessTest, AWriterWaitsForAnotherOnlyUpToItsBound) {
  Child other([this](Child& parent) {
    const auto database = open();
    return database
        ->write([&parent](Session&) -> Result<void> {
          parent.say(1);
          parent.hear();
          return {};
        })
        .has_value();
  });
  ASSERT_EQ(other.hear(), 1);
  const auto database = open(milliseconds(50));
  const Result<void> refused = add_note(*database, 1, "x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(refused.error().message, "The store is busy with another change. Try again later.");
  EXPECT_EQ(count_notes(*database->open_reader().value()), 0);
  other.say(1);
  EXPECT_TRUE(other.ended_well());
  EXPECT_TRUE(add_note(*database, 1, "x"));
}

TEST_F(ProcessTest, AKilledWriterLosesNothingThatItAcknowledged) {
  std::int64_t first = 1;
  for (int round = 0; round < 10; ++round) {
    Child writer([this, first](Child& parent) {
      const auto database = open();
      for (std::int64_t id = first;; ++id) {
        if (!add_note(*database, id, std::string(3'000, 'x'))) {
          return false;
        }
        parent.say(id);
      }
    });
    std::int64_t acknowledged = 0;
    for (int heard = 0; heard <= round * 3; ++heard) {
      acknowledged = writer.hear();
    }
    writer.kill();
    for (std::int64_t id = writer.hear(); id > 0; id = writer.hear()) {
      acknowledged = id;
    }
    ASSERT_GE(acknowledged, first);
    const auto database = open();
    const auto session = database->open_reader().value();
    const std::int64_t kept = count_notes(*session).value();
    EXPECT_GE(kept, acknowledged);
    EXPECT_LE(kept, acknowledged + 1);
    EXPECT_EQ(database->check(), std::vector<std::string>{});
    ASSERT_TRUE(add_note(*database, kept + 1, "next"));
    EXPECT_EQ(database->generation() % 2, 0u);
    first = kept + 2;
  }
}

TEST_F(ProcessTest, TheGenerationOfAWriterThatDiedIsMendedAndNeverReused) {
  Child writer([this](Child& parent) {
    const auto lock = sqlite::LockFile::open(path_, 0600).value();
    const auto hold = lock->acquire(milliseconds(1000), clock_);
    parent.say(static_cast<std::int64_t>(lock->generation()));
    lock->begin_commit();
    parent.say(0);
    parent.hear();
    return true;
  });
  const std::int64_t before = writer.hear();
  ASSERT_EQ(writer.hear(), 0);
  writer.kill();
  const auto lock = sqlite::LockFile::open(path_, 0600).value();
  EXPECT_EQ(lock->generation(), static_cast<std::uint64_t>(before) + 1);
  {
    const auto hold = lock->acquire(milliseconds(0), clock_);
    ASSERT_TRUE(hold);
  }
  EXPECT_EQ(lock->generation(), static_cast<std::uint64_t>(before) + 2);
}

TEST_F(ProcessTest, WithoutItsFilesAStoreIsNotWritten) {
  for (const char* const suffix : {"", "-lock", "-wal", "-shm"}) {
    for (const bool is_replaced : {false, true}) {
      const auto database = open();
      ASSERT_TRUE(database->health().reachable);
      const std::string file = path_ + suffix;
      const std::string copy = path_ + "-copy";
      if (is_replaced) {
        std::filesystem::copy_file(file, copy);
        std::filesystem::rename(copy, file);
      } else {
        std::filesystem::remove(file);
      }
      const Result<void> refused = add_note(*database, 1, "x");
      ASSERT_FALSE(refused) << file;
      EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
      EXPECT_THAT(refused.error().internal,
                  testing::HasSubstr(file + " was removed or replaced while in use"));
      EXPECT_FALSE(database->health().reachable) << file;
    }
  }
}

// What was acknowledged before is kept, unless another program made a log of its own meanwhile.
TEST_F(ProcessTest, WhatALogHoldsThatIsRemovedGoesIntoTheStore) {
  for (const bool is_closed : {false, true}) {
    auto database = open();
    const std::int64_t before = count_notes(*database->open_reader().value()).value();
    ASSERT_TRUE(add_note(*database, before + 1, "acknowledged"));
    std::filesystem::remove(path_ + "-wal");
    if (is_closed) {
      database.reset();
    } else {
      EXPECT_FALSE(add_note(*database, before + 2, "refused"));
    }
    // What another program finds that opens the store after this one was killed.
    const std::string copy = path_ + "-copy";
    std::filesystem::copy_file(path_, copy);
    EXPECT_EQ(count_notes(*open_database(copy, {.migrations = kNotesMigrations}, clock_)
                               .value()
                               ->open_reader()
                               .value()),
              before + 1);
    std::filesystem::remove(copy);
  }
}

TEST_F(ProcessTest, AWriteDuringWhichTheLogIsRemovedIsNotAcknowledged) {
  const auto database = open();
  const Result<void> written = database->write([&](Session& session) {
    std::filesystem::remove(path_ + "-wal");
    return insert_note(session, 1, "x");
  });
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message,
            "It is not known whether the change was stored: files of the store were removed while "
            "it was being written. Look before you repeat it.");
}

// It would have a log of its own, and its checkpoint would write the gaps of that into the store.
TEST_F(ProcessTest, WithoutTheLogThatAnotherProgramHasAStoreIsNotOpened) {
  for (const char* const suffix : {"-wal", "-shm"}) {
    Child other([this](Child& parent) {
      auto database = open();
      const std::int64_t id = count_notes(*database->open_reader().value()).value() + 1;
      if (!add_note(*database, id, "acknowledged")) {
        return false;
      }
      parent.say(id);
      parent.hear();
      return true;
    });
    const std::int64_t id = other.hear();
    std::filesystem::remove(path_ + suffix);
    const auto opened = open_database(path_, {.migrations = kNotesMigrations}, clock_);
    ASSERT_FALSE(opened) << suffix;
    other.say(0);
    EXPECT_TRUE(other.ended_well());
    EXPECT_EQ(has_note(*open()->open_reader().value(), id), true) << suffix;
  }
}

TEST_F(ProcessTest, WhoClosesAStoreThatWasReplacedLeavesTheLogOfTheNewOne) {
  auto old = open();
  const std::string copy = path_ + "-copy";
  ASSERT_TRUE(old->backup(copy));
  std::filesystem::rename(copy, path_);
  std::filesystem::remove(path_ + "-wal");
  std::filesystem::remove(path_ + "-shm");
  const auto now = open();
  ASSERT_TRUE(add_note(*now, 1, "x"));
  old.reset();
  EXPECT_TRUE(std::filesystem::exists(path_ + "-wal"));
  EXPECT_EQ(count_notes(*open()->open_reader().value()), 1);
}

TEST_F(ProcessTest, ThreadsOfOneProgramTakeTurnsToo) {
  const auto database = open();
  std::vector<std::thread> threads;
  for (std::int64_t first = 100; first <= 400; first += 100) {
    threads.emplace_back([&database, first] {
      const auto session = database->open_reader().value();
      for (std::int64_t id = first; id < first + 25; ++id) {
        EXPECT_TRUE(add_note(*database, id, "x"));
        EXPECT_EQ(has_note(*session, id), true);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(count_notes(*database->open_reader().value()), 100);
}

TEST_F(ProcessTest, WhatIsReadBetweenTwoEqualEvenGenerationsIsTheStateOfThatGeneration) {
  constexpr std::int64_t kNotes = 300;
  Child writer([this](Child& parent) {
    const auto database = open();
    parent.say(0);
    parent.hear();
    for (std::int64_t id = 1; id <= kNotes; ++id) {
      if (!add_note(*database, id, "x")) {
        return false;
      }
    }
    return true;
  });
  ASSERT_EQ(writer.hear(), 0);
  const auto database = open();
  const auto session = database->open_reader().value();
  const std::uint64_t start = database->generation();
  writer.say(1);
  for (std::int64_t count = 0; count < kNotes;) {
    const std::uint64_t before = database->generation();
    count = count_notes(*session).value();
    if (before % 2 == 0 && database->generation() == before) {
      ASSERT_EQ(count, static_cast<std::int64_t>((before - start) / 2));
    }
  }
  EXPECT_TRUE(writer.ended_well());
}

TEST_F(ProcessTest, ReadersLeaveTheLogAndTheWriterKeepsItShort) {
  constexpr std::uintmax_t kLogMax = 24 * 1024 * 1024;
  const std::string body(1024 * 1024, 'x');
  const auto database = open();
  ASSERT_TRUE(add_note(*database, 1, body));
  const std::uintmax_t length = std::filesystem::file_size(path_ + "-wal");
  EXPECT_GT(length, body.size());
  EXPECT_EQ(count_notes(*database->open_reader().value()), 1);
  EXPECT_EQ(std::filesystem::file_size(path_ + "-wal"), length);
  for (std::int64_t id = 2; id < 48; ++id) {
    ASSERT_TRUE(add_note(*database, id, body));
    ASSERT_LT(std::filesystem::file_size(path_ + "-wal"), kLogMax);
  }
}

}  // namespace
}  // namespace matricula::storage
