#include "storage/restore.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "storage/test_notes.h"
#include "storage/testing.h"

namespace matricula::storage {
namespace {

namespace fs = std::filesystem;

class RestoreTest : public testing::Test {
 protected:
  Result<std::unique_ptr<Database>> open(const std::string& path) {
    return open_database(path, {.migrations = kNotesMigrations}, clock_);
  }
  Result<void> restore() {
    return restore_store(path_, backup_, {.migrations = kNotesMigrations}, clock_,
                         [](Database&) -> Result<void> { return {}; });
  }
  // Runs `work` as another program, which is killed after a time unless it has ended by itself.
  static void run_and_kill(std::chrono::microseconds after, const std::function<void()>& work) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      work();
      _exit(0);
    }
    std::this_thread::sleep_for(after);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
  }
  // Runs `work` as another program that kills itself.
  static void run_to_its_end(const std::function<void()>& work) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      work();
      kill(getpid(), SIGKILL);
    }
    waitpid(child, nullptr, 0);
  }
  // A store of three notes, and its backup.
  void make_backup() {
    const auto database = open(path_).value();
    for (std::int64_t id = 1; id <= 3; ++id) {
      ASSERT_TRUE(add_note(*database, id, "before"));
    }
    ASSERT_TRUE(database->backup(backup_));
  }
  void add_notes_for_ever() {
    const auto database = open(path_).value();
    for (std::int64_t id = 4;; ++id) {
      static_cast<void>(add_note(*database, id, std::string(3'000, 'x')));
    }
  }
  std::string notes() {
    const auto database = open(path_);
    if (!database) {
      return database.error().message;
    }
    const auto problems = (*database)->check().value();
    if (!problems.empty()) {
      return problems.front();
    }
    const auto session = (*database)->open_reader().value();
    return std::to_string(count_notes(*session).value());
  }

  SystemClock clock_;
  TempDirectory directory_;
  const std::string path_ = directory_.file("store.db");
  const std::string backup_ = directory_.file("backup.db");
};

// Kill, restore, check: the drill.
TEST_F(RestoreTest, AfterAKillAtAnyMomentTheStoreIsWhatTheBackupWas) {
  make_backup();
  for (int moment = 0; moment < 100; ++moment) {
    run_and_kill(std::chrono::microseconds(500 * moment), [this] { add_notes_for_ever(); });
    ASSERT_TRUE(restore()) << moment;
    EXPECT_FALSE(fs::exists(path_ + "-wal"));
    ASSERT_EQ(notes(), "3") << moment;
  }
}

TEST_F(RestoreTest, WithoutARestoreTheLogOfAKilledProgramIsRead) {
  make_backup();
  run_to_its_end([this] {
    const auto database = open(path_).value();
    static_cast<void>(add_note(*database, 4, "acknowledged"));
    kill(getpid(), SIGKILL);  // before the store is closed
  });
  EXPECT_GT(fs::file_size(path_ + "-wal"), 0u);
  EXPECT_EQ(notes(), "4");
}

// What was there or the backup, never a mixture; a later restore mends it.
TEST_F(RestoreTest, ARestoreThatIsKilledLeavesOneStoreWhole) {
  make_backup();
  for (int moment = 0; moment < 40; ++moment) {
    {
      const auto database = open(path_).value();
      ASSERT_TRUE(add_note(*database, 100, "more"));
    }
    run_and_kill(std::chrono::microseconds(300 * moment), [this] { static_cast<void>(restore()); });
    const std::string left = notes();
    EXPECT_TRUE(left == "3" || left == "4") << left;
    ASSERT_TRUE(restore());
    ASSERT_EQ(notes(), "3");
  }
}

TEST_F(RestoreTest, RefusesWhileAProgramHasTheStoreOpen) {
  make_backup();
  const auto database = open(path_).value();
  const auto restored = restore();
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().message,
            "A program has the store open. Stop every server and command that uses it first.");
  EXPECT_TRUE(add_note(*database, 9, "still"));
}

TEST_F(RestoreTest, WhatWasNotFinishedIsFoundAndNothingElse) {
  make_backup();
  for (const char* name : {"b.db.partial-Ab3x9Z", "b.partial-Ab3x9", "b.partial-Ab3x9Z.db",
                           ".partial-Ab3x9Z", "b.partial-Ab3x-Z"}) {
    std::ofstream(directory_.file(name)) << "x";
  }
  fs::create_directory(directory_.file("store.restore-000000"));
  EXPECT_EQ(unfinished_copies(backup_),
            (std::vector<std::string>{directory_.file("b.db.partial-Ab3x9Z"),
                                      directory_.file("store.restore-000000")}));
  EXPECT_EQ(unfinished_copies(directory_.file("none/x.db")), std::vector<std::string>{});
}

TEST_F(RestoreTest, ABackupCopiedOverAStoreDoesNotMeetTheLogOfBefore) {
  make_backup();
  run_to_its_end([this] {
    const auto database = open(path_).value();
    static_cast<void>(add_note(*database, 4, "acknowledged"));
    kill(getpid(), SIGKILL);  // before the store is closed
  });
  fs::copy_file(backup_, path_, fs::copy_options::overwrite_existing);
  EXPECT_EQ(notes(), "3");
  std::size_t kept = 0;
  for (const auto& entry : fs::directory_iterator(directory_.path())) {
    kept += entry.path().string().find("-wal.foreign-") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(kept, 1u);
}

TEST_F(RestoreTest, WhatIsNoWholeBackupIsNamedAndChangesNothing) {
  make_backup();
  const auto refused = [this](const std::string& file,
                              std::span<const Migration> migrations = kNotesMigrations) {
    const auto restored = restore_store(path_, file, {.migrations = migrations}, clock_,
                                        [](Database&) -> Result<void> { return {}; });
    EXPECT_EQ(notes(), "3");
    EXPECT_EQ(unfinished_copies(backup_), std::vector<std::string>{});
    return restored ? "restored" : restored.error().message;
  };
  EXPECT_EQ(refused(directory_.file("missing.db")),
            "There is no backup at " + directory_.file("missing.db") + ". Check the path.");
  EXPECT_EQ(refused(path_), "The backup is the store itself. Name another file.");
  std::ofstream(directory_.file("text.db")) << std::string(4'096, 'x');
  EXPECT_EQ(refused(directory_.file("text.db")),
            "The file " + directory_.file("text.db") +
                " is not a Matricula store: it is no SQLite database. Name another file, or move "
                "this one away.");
  const auto length = fs::file_size(backup_);
  const std::string damaged = directory_.file("damaged.db");
  fs::copy_file(backup_, damaged);
  {
    std::fstream file(damaged, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4'096 + 8);
    file << std::string(4'000, '\xee');
  }
  const std::string is_damaged = "The backup " + damaged + " is damaged: ";
  EXPECT_TRUE(refused(damaged).starts_with(is_damaged)) << refused(damaged);
  for (const std::uintmax_t left : {length - 1, length - 4'096, std::uintmax_t{100}}) {
    fs::copy_file(backup_, damaged, fs::copy_options::overwrite_existing);
    fs::resize_file(damaged, left);
    EXPECT_EQ(refused(damaged), is_damaged + "it is cut off, with " + std::to_string(left) +
                                    " bytes of " + std::to_string(length) +
                                    ". Nothing was changed.");
  }
  EXPECT_EQ(refused(backup_, {}),
            "The backup " + backup_ +
                " was made by a newer version of Matricula (its schema has 1 steps; this program "
                "knows 0). Restore it with that version. Nothing was changed.");
}

TEST_F(RestoreTest, AnErrorWhileTheStoreIsMadeNamesTheBackupAndTheStore) {
  make_backup();
  const auto restored = restore_store(
      path_, backup_, {.migrations = kNotesMigrations}, clock_, [](Database& database) {
        const auto session = database.open_reader().value();
        const auto rows = session->query(Statement("PRAGMA database_list"), {}).value();
        EXPECT_TRUE(*rows->next());
        return Result<void>(fail(ErrorCode::kIo, std::string(rows->text(2)) + " is full."));
      });
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().message, "The backup " + backup_ + " cannot be restored: " + path_ +
                                          " is full. Nothing was changed.");
  EXPECT_EQ(notes(), "3");
}

TEST_F(RestoreTest, MakesAStoreWhereThereIsNone) {
  make_backup();
  for (const char* suffix : {"", "-lock"}) {
    fs::remove(path_ + suffix);
  }
  ASSERT_TRUE(restore());
  EXPECT_EQ(notes(), "3");
}

TEST_F(RestoreTest, OfALinkedStoreTheFileBehindTheLinkIsReplaced) {
  const std::string link = directory_.file("link.db");
  fs::create_symlink("store.db", link);  // before there is a store
  {
    const auto database = open(link).value();
    ASSERT_TRUE(add_note(*database, 1, "before"));
    ASSERT_TRUE(database->backup(backup_));
    ASSERT_TRUE(add_note(*database, 2, "after"));
    EXPECT_TRUE(fs::exists(path_ + "-lock"));
    EXPECT_FALSE(fs::exists(link + "-lock"));
  }
  ASSERT_TRUE(restore_store(link, backup_, {.migrations = kNotesMigrations}, clock_,
                            [](Database&) -> Result<void> { return {}; }));
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(notes(), "1");
}

}  // namespace
}  // namespace matricula::storage
