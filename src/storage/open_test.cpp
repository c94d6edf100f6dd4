#include <array>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <sqlite3.h>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/database.h"
#include "storage/test_notes.h"
#include "storage/testing.h"

namespace matricula::storage {
namespace {

constexpr std::array<Migration, 2> kTwoSteps = {{kNotesMigrations[0],
                                                 {.number = 2,
                                                  .name = "titles",
                                                  .sqlite = "ALTER TABLE notes ADD title TEXT",
                                                  .postgres = ""}}};

class OpenTest : public testing::Test {
 protected:
  Result<std::unique_ptr<Database>> open(const std::string& url, const OpenOptions& options = {}) {
    return open_database(url, options, clock_);
  }
  Error error(const std::string& url, const OpenOptions& options = {}) {
    Result<std::unique_ptr<Database>> opened = open(url, options);
    return opened ? Error{.message = "opened"} : opened.error();
  }
  std::string file(const std::string& name) const { return directory_.file(name); }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
      found.push_back(entry.path().filename().string());
    }
    return found;
  }
  static void write_file(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
  }
  static std::string read_file(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void run_outside(const std::string& path, const char* sql) {
    sqlite3* connection = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &connection), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(connection, sql, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(connection);
    sqlite3_close(connection);
  }

  SystemClock clock_;
  TempDirectory directory_;
};

TEST_F(OpenTest, MakesAStoreOnlyItsOwnerMayReadAndLeavesOneFileAndTheLock) {
  ASSERT_TRUE(open("sqlite:" + file("a.db"), {.migrations = kNotesMigrations}));
  EXPECT_THAT(names(), testing::UnorderedElementsAre("a.db", "a.db-lock"));
  struct stat status = {};
  ASSERT_EQ(stat(file("a.db").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(OpenTest, TakesABarePathAndAnyCharactersInIt) {
  const std::string path = file("100% a?b#c.db");
  ASSERT_TRUE(open(path, {.migrations = kNotesMigrations}));
  EXPECT_TRUE(open("sqlite:" + path, {.migrations = kNotesMigrations, .create = false}));
  EXPECT_THAT(names(), testing::UnorderedElementsAre("100% a?b#c.db", "100% a?b#c.db-lock"));
}

TEST_F(OpenTest, AllNamesOfAStoreMeetInOneLock) {
  ASSERT_TRUE(open(file("a.db")));
  ASSERT_EQ(symlink(file("a.db").c_str(), file("b.db").c_str()), 0);
  ASSERT_TRUE(open(file("b.db")));
  EXPECT_THAT(names(), testing::UnorderedElementsAre("a.db", "a.db-lock", "b.db"));
}

TEST_F(OpenTest, AnAddressOfPostgresqlIsOneOrIsRefusedWithoutRepeatingIt) {
  EXPECT_EQ(error("postgresql://me:secret@host/db?nonsense=1").code, ErrorCode::kUsage);
  EXPECT_EQ(error("postgresql://me:secret@host/db?nonsense=1").message.find("secret"),
            std::string::npos);
}

TEST_F(OpenTest, AStoreWithTwoNamesIsRefusedUnderEither) {
  ASSERT_EQ(error(file("one")).message, "opened");
  std::filesystem::create_hard_link(file("one"), file("two"));
  for (const char* name : {"one", "two"}) {
    const Error refused = error(file(name));
    EXPECT_EQ(refused.code, ErrorCode::kUsage);
    EXPECT_EQ(refused.message,
              "The store " + file(name) +
                  " has 2 hard links. Each name would have a write-ahead log and a "
                  "lock of its own, which damages the store. Remove the others "
                  "(find -samefile), or make a copy with `matricula backup`.");
  }
  EXPECT_THAT(names(), testing::UnorderedElementsAre("one", "one-lock", "two"));
  std::filesystem::remove(file("two"));
  EXPECT_EQ(error(file("one")).message, "opened");
}

TEST_F(OpenTest, ANameThatIsTooLongIsCalledThat) {
  const std::string longest = file(std::string(223, 'x'));
  EXPECT_TRUE(open(longest, {.migrations = kNotesMigrations}));
  const std::string longer = file(std::string(224, 'x'));
  EXPECT_EQ(error(longer),
            (Error{ErrorCode::kUsage, "The name of the store " + longer +
                                          " is too long: give one of at most 223 bytes."}));
}

TEST_F(OpenTest, NamesWhatIsMissing) {
  EXPECT_EQ(error("sqlite:"),
            (Error{ErrorCode::kUsage, "The store has no path. Use sqlite:PATH."}));
  EXPECT_EQ(error(file("a.db"), {.create = false}),
            (Error{ErrorCode::kNotFound, "There is no store at " + file("a.db") +
                                             ". Check the path, or make one with `matricula "
                                             "migrate`."}));
  EXPECT_EQ(
      error(file("no/a.db")),
      (Error{ErrorCode::kNotFound, "The directory " + file("no") +
                                       " does not exist. Create it, or name another store."}));
  EXPECT_EQ(error(directory_.path()),
            (Error{ErrorCode::kUsage, "The store " + directory_.path() +
                                          " is a directory. Name a file in it, such as " +
                                          directory_.path() + "/matricula.db."}));
  EXPECT_THAT(names(), testing::IsEmpty());
}

TEST_F(OpenTest, NamesMissingPermissions) {
  if (geteuid() == 0) {
    GTEST_SKIP() << "everything is permitted to root";
  }
  ASSERT_TRUE(open(file("a.db")));
  ASSERT_EQ(chmod(file("a.db").c_str(), 0400), 0);
  EXPECT_EQ(
      error(file("a.db")),
      (Error{ErrorCode::kIo, "There is no permission to read and write the store " + file("a.db") +
                                 ". Change its owner or mode, or run as its owner."}));
}

// With each number of descriptors that is too small, wherever the last one is taken.
TEST_F(OpenTest, TooFewDescriptorsAreCalledThat) {
  ASSERT_TRUE(open(file("a.db")));
  struct rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const int lowest = dup(0);
  close(lowest);
  unsigned refused = 0;
  for (int more = 2; more < 12; ++more) {
    struct rlimit few = before;
    few.rlim_cur = static_cast<rlim_t>(lowest) + static_cast<rlim_t>(more);
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
    const Error found = error(file("a.db"));
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    if (found.message == "opened") {
      break;
    }
    EXPECT_THAT(found.message, testing::HasSubstr("oo many")) << more;
    ++refused;
  }
  EXPECT_GT(refused, 0U);
}

// Of any file system that happens to be read-only here.
TEST_F(OpenTest, AReadOnlyFileSystemIsCalledThat) {
  std::ifstream mounts("/proc/self/mounts");
  std::string device;
  std::string place;
  std::string kind;
  std::string options;
  std::string rest;
  std::error_code code;
  while (mounts >> device >> place >> kind >> options && std::getline(mounts, rest)) {
    if (("," + options + ",").find(",ro,") != std::string::npos &&
        std::filesystem::is_directory(place, code) && access(place.c_str(), R_OK | X_OK) == 0) {
      EXPECT_THAT(error(place + "/a.db").message, testing::HasSubstr("is read-only")) << place;
      return;
    }
  }
  GTEST_SKIP() << "no file system is read-only";
}

TEST_F(OpenTest, AFileThatIsNoDatabaseIsLeftAlone) {
  const std::string text(5000, 'x');
  write_file(file("a.txt"), text);
  EXPECT_EQ(error(file("a.txt")),
            (Error{ErrorCode::kCorrupt,
                   "The file " + file("a.txt") +
                       " is not a Matricula store: it is no SQLite database. Name another file, or "
                       "move this one away."}));
  EXPECT_EQ(read_file(file("a.txt")), text);
  EXPECT_THAT(names(), testing::ElementsAre("a.txt"));
}

TEST_F(OpenTest, EvenAVeryShortFileIsLeftAlone) {
  for (const std::string text : {"x", "hello", "SQLite format 3"}) {
    write_file(file("short"), text);
    EXPECT_EQ(error(file("short")).code, ErrorCode::kCorrupt) << text;
    EXPECT_EQ(read_file(file("short")) == text, true);
  }
}

TEST_F(OpenTest, TheLockFileIsForAllWhoMayWriteTheStore) {
  write_file(file("a.db"), "");
  ASSERT_EQ(chmod(file("a.db").c_str(), 0666), 0);
  ASSERT_TRUE(open(file("a.db")));
  struct stat status = {};
  ASSERT_EQ(stat(file("a.db-lock").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0666u);
}

TEST_F(OpenTest, ADatabaseOfAnotherProgramIsLeftAlone) {
  const std::string path = file("other.db");
  run_outside(path, "PRAGMA journal_mode=WAL; CREATE TABLE theirs (id)");
  const std::string before = read_file(path);
  EXPECT_EQ(error(path), (Error{ErrorCode::kCorrupt,
                                "The file " + path +
                                    " is not a Matricula store: it is a database of another "
                                    "program. Name another file, or move this one away."}));
  EXPECT_EQ(read_file(path), before);
  EXPECT_THAT(names(), testing::ElementsAre("other.db"));
}

TEST_F(OpenTest, ADatabaseMarkedByAnotherProgramIsLeftAloneEvenIfEmpty) {
  run_outside(file("other.db"), "PRAGMA application_id=7");
  EXPECT_EQ(error(file("other.db")).code, ErrorCode::kCorrupt);
}

TEST_F(OpenTest, AnEmptyFileBecomesAStoreWhereOneMayBeMade) {
  write_file(file("a.db"), "");
  EXPECT_EQ(error(file("a.db"), {.migrations = kNotesMigrations, .create = false}),
            (Error{ErrorCode::kNotFound,
                   "The file " + file("a.db") +
                       " is empty: there is no store in it. Restore a backup, or make a new store "
                       "in its place with `matricula migrate`."}));
  const OpenOptions none_empty{.migrations = kNotesMigrations, .takes_empty_file = false};
  EXPECT_EQ(error("sqlite:" + file("a.db"), none_empty),
            error(file("a.db"), {.migrations = kNotesMigrations, .create = false}));
  EXPECT_EQ(std::filesystem::file_size(file("a.db")), 0U);
  EXPECT_THAT(names(), testing::ElementsAre("a.db"));
  EXPECT_TRUE(open(file("a.db"), {.migrations = kNotesMigrations}));
  EXPECT_TRUE(open(file("a.db"), {.migrations = kNotesMigrations, .create = false}));
  EXPECT_TRUE(open(file("b.db"), none_empty));
}

TEST_F(OpenTest, AStrangeLockFileIsRefused) {
  write_file(file("a.db-lock"), "keep me");
  EXPECT_EQ(error(file("a.db")),
            (Error{ErrorCode::kCorrupt, "The file " + file("a.db-lock") +
                                            " is not a lock file of Matricula. Move it away."}));
  EXPECT_EQ(read_file(file("a.db-lock")), "keep me");
}

TEST_F(OpenTest, MissingStepsAreDoneOnceAndNoted) {
  ASSERT_TRUE(open(file("a.db"), {.migrations = kNotesMigrations}));
  const auto database = open(file("a.db"), {.migrations = kTwoSteps}).value();
  ASSERT_TRUE(database->migrate());
  const auto session = database->open_reader().value();
  const Statement applied("SELECT number, name, applied_at FROM schema_migrations");
  const RowsHandle rows = session->query(applied, {}).value();
  ASSERT_EQ(rows->next(), true);
  EXPECT_EQ(rows->text(1), "notes");
  ASSERT_EQ(rows->next(), true);
  EXPECT_EQ(rows->integer(0), 2);
  EXPECT_EQ(rows->text(1), "titles");
  EXPECT_NEAR(static_cast<double>(rows->integer(2)), static_cast<double>(clock_.now()), 60e6);
  EXPECT_EQ(rows->next(), false);
}

TEST_F(OpenTest, AnOldStoreIsRefusedWhereItMayNotBeMigrated) {
  ASSERT_TRUE(open(file("a.db"), {.migrations = kNotesMigrations}));
  EXPECT_EQ(error(file("a.db"), {.migrations = kTwoSteps, .migrate = false}),
            (Error{ErrorCode::kUnavailable,
                   "The store " + file("a.db") +
                       " was made by an older version and lacks 1 schema steps. Back it up, then "
                       "run `matricula migrate`."}));
}

TEST_F(OpenTest, ANewerStoreIsRefusedAndAServerOnItSaysSo) {
  const auto old_server = open(file("a.db"), {.migrations = kNotesMigrations}).value();
  EXPECT_TRUE(old_server->health().migrations_current);
  ASSERT_TRUE(open(file("a.db"), {.migrations = kTwoSteps}));
  EXPECT_FALSE(old_server->health().migrations_current);
  EXPECT_EQ(error(file("a.db"), {.migrations = kNotesMigrations}),
            (Error{ErrorCode::kCorrupt,
                   "The store " + file("a.db") +
                       " was made by a newer version of Matricula (its schema has 2 steps; this "
                       "program knows 1). Use the newer version, or restore a backup."}));
}

TEST_F(OpenTest, AStoreOfAnotherLineOfStepsIsRefused) {
  constexpr std::array<Migration, 1> kOther = {
      {{.number = 1, .name = "letters", .sqlite = "SELECT 1", .postgres = ""}}};
  ASSERT_TRUE(open(file("a.db"), {.migrations = kNotesMigrations}));
  EXPECT_EQ(error(file("a.db"), {.migrations = kOther}).code, ErrorCode::kCorrupt);
}

TEST_F(OpenTest, AStepThatFailsTakesBackOnlyItself) {
  constexpr std::array<Migration, 2> kBroken = {
      {kNotesMigrations[0],
       {.number = 2,
        .name = "broken",
        .sqlite = "CREATE TABLE half (id INTEGER) STRICT; CREATE TABLE nonsense",
        .postgres = ""}}};
  EXPECT_EQ(error(file("a.db"), {.migrations = kBroken}).code, ErrorCode::kInternal);
  const auto database = open(file("a.db"), {.migrations = kNotesMigrations}).value();
  const auto session = database->open_reader().value();
  EXPECT_EQ(number(*session, Statement("SELECT count(*) FROM sqlite_schema WHERE name='half'")), 0);
  EXPECT_EQ(count_notes(*session), 0);
}

TEST_F(OpenTest, DamageIsFound) {
  const std::string path = file("a.db");
  ASSERT_TRUE(open(path, {.migrations = kNotesMigrations}));
  run_outside(path, "PRAGMA foreign_keys=OFF; INSERT INTO replies VALUES(4, 99)");
  const auto database = open(path, {.migrations = kNotesMigrations}).value();
  EXPECT_EQ(database->check(),
            std::vector<std::string>{"row 4 of replies refers to a missing row of notes"});
}

TEST_F(OpenTest, ADamagedFileIsNamed) {
  const std::string path = file("a.db");
  ASSERT_TRUE(open(path, {.migrations = kNotesMigrations}));
  std::fstream(path, std::ios::in | std::ios::out).seekp(100).write("\xff\xff\xff\xff\xff\xff", 6);
  const Error found = error(path, {.migrations = kNotesMigrations});
  EXPECT_EQ(found.code, ErrorCode::kCorrupt);
  EXPECT_EQ(found.message,
            "The store " + path + " cannot be opened: The store is damaged. Restore a backup.");
}

}  // namespace
}  // namespace matricula::storage
