#include "auth/secrets/key_file.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "auth/testing.h"

namespace matricula::auth {
namespace {

struct KeyFile : testing::Test {
  Result<Secrets> open() { return open_secrets(store.database(), "store.db", path); }
  storage::TempStore store{migrations::all()};
  static std::string host() {
    char name[256] = {};
    gethostname(name, sizeof name - 1);
    return name;
  }
  std::string path = store.directory().file("store.db-keys");
};

TEST_F(KeyFile, IsMadeAtFirstStartForTheOwnerAlone) {
  const Digest first = good(open()).digest(DigestKind::kToken, "x");
  struct stat status = {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  EXPECT_TRUE(equal(good(open()).digest(DigestKind::kToken, "x"), first));
}

TEST_F(KeyFile, ThatIsNoRegularFileIsRefusedAtOnce) {
  const std::string pipe = store.directory().file("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string& place : {pipe, std::string("/dev/null"), std::string("/tmp")}) {
    EXPECT_EQ(outcome(open_secrets(store.database(), "store.db", place)),
              "IO The key file " + place + " is not a regular file.");
  }
}

TEST_F(KeyFile, MayBeginWithAByteOrderMark) {
  const Digest first = good(open()).digest(DigestKind::kToken, "x");
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  std::ofstream(path) << "\xEF\xBB\xBF" << text.str();
  EXPECT_TRUE(equal(good(open()).digest(DigestKind::kToken, "x"), first));
}

TEST_F(KeyFile, MayHaveOtherEndsOfLines) {
  const Digest first = good(open()).digest(DigestKind::kToken, "x");
  std::stringstream read;
  read << std::ifstream(path).rdbuf();
  const std::string text = read.str();
  const auto is_same_with = [&](const std::string& changed) {
    std::ofstream(path) << changed;
    return equal(good(open()).digest(DigestKind::kToken, "x"), first);
  };
  EXPECT_TRUE(is_same_with(text.substr(0, text.size() - 1)));
  EXPECT_TRUE(is_same_with(text + "\n"));
  std::string with_returns;
  for (const char c : text) {
    with_returns += c == '\n' ? std::string("\r\n") : std::string(1, c);
  }
  EXPECT_TRUE(is_same_with(with_returns));
  for (const std::string& bad : {text + "x", text + text, text.substr(0, text.size() - 2)}) {
    std::ofstream(path) << bad;
    EXPECT_EQ(outcome(open()), "CORRUPT The file " + path + " is not a key file of matricula.");
  }
}

TEST_F(KeyFile, OfAnotherStoreIsRefusedWithALineThatNamesBoth) {
  good(open());
  storage::TempStore other{migrations::all()};
  const std::string foreign = other.directory().file("keys");
  good(open_secrets(other.database(), "other.db", foreign));
  EXPECT_EQ(outcome(open_secrets(store.database(), "store.db", foreign)),
            "CORRUPT The key file " + foreign +
                " does not belong to the store store.db. It was made "
                "as " +
                path + " on " + host() + ".");
}

TEST_F(KeyFile, IsNeverMadeAnewForAStoreThatHasOne) {
  good(open());
  std::filesystem::remove(path);
  EXPECT_EQ(outcome(open()), "NOT_FOUND The key file " + path +
                                 " is missing, and the store store.db was made with one: put it "
                                 "back. It was made as " +
                                 path + " on " + host() + ".");
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(KeyFile, ThatOthersMayReadOrChangeIsRefused) {
  good(open());
  const std::string refused =
      "IO The key file " + path + " is open to other users: restrict it with `chmod 600`.";
  for (const mode_t mode : {0620U, 0610U, 0604U, 0602U, 0601U, 0644U, 0444U, 0660U}) {
    chmod(path.c_str(), mode);
    EXPECT_EQ(outcome(open()), refused) << mode;
  }
  chmod(path.c_str(), 0640);
  if (getuid() != 0) {
    EXPECT_EQ(outcome(open()), refused);
  } else {
    // As Kubernetes and systemd hand secrets on; but not when the file is another user's.
    good(open());
    chmod(path.c_str(), 0440);
    good(open());
    ASSERT_EQ(chown(path.c_str(), 65534, 65534), 0);
    EXPECT_EQ(outcome(open()), refused);
  }
}

// A volume of Kubernetes: the file is a link through ..data, which is a link to a directory.
TEST_F(KeyFile, IsFoundThroughLinks) {
  good(open());
  std::filesystem::create_directory(store.directory().file("..2026"));
  std::filesystem::rename(path, store.directory().file("..2026/store.db-keys"));
  std::filesystem::create_directory_symlink("..2026", store.directory().file("..data"));
  std::filesystem::create_symlink("..data/store.db-keys", path);
  good(open());
}

struct KeyDirectory : KeyFile {
  KeyPlaces places() const {
    return {.files = {path}, .directory = store.directory().file("state/keys"), .database = "m"};
  }
  std::vector<std::string> kept() const {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(places().directory)) {
      files.push_back(entry.path().string());
    }
    return files;
  }
};

TEST_F(KeyDirectory, HoldsWhatIsMadeAndIsFoundFromEveryWorkingDirectory) {
  const Digest first =
      good(open_secrets(store.database(), "s", places())).digest(DigestKind::kToken, "x");
  EXPECT_FALSE(std::filesystem::exists(path));
  ASSERT_EQ(kept().size(), 1U);
  struct stat status = {};
  ASSERT_EQ(stat(places().directory.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700U);
  KeyPlaces elsewhere = places();
  elsewhere.files = {store.directory().file("other-keys")};
  EXPECT_TRUE(equal(
      good(open_secrets(store.database(), "s", elsewhere)).digest(DigestKind::kToken, "x"), first));
}

// Two stores of one name, on two servers.
TEST_F(KeyDirectory, KeepsTheFilesOfStoresApart) {
  good(open_secrets(store.database(), "s", places()));
  storage::TempStore other{migrations::all()};
  good(open_secrets(other.database(), "s", places()));
  EXPECT_EQ(kept().size(), 2U);
  good(open_secrets(store.database(), "s", places()));
}

TEST_F(KeyDirectory, AFileThatAnOperatorPutBeforeTheFirstStartIsTaken) {
  storage::TempStore other{migrations::all()};
  good(open_secrets(other.database(), "s", path));
  good(open_secrets(store.database(), "s", places()));
  EXPECT_FALSE(std::filesystem::exists(places().directory));
}

TEST_F(KeyDirectory, AMissingFileIsNamedWithEveryPlaceAndWhereItWasMade) {
  good(open_secrets(store.database(), "s", places()));
  const std::string made = kept().front();
  std::filesystem::remove(made);
  EXPECT_EQ(outcome(open_secrets(store.database(), "s", places())),
            "NOT_FOUND The key file of the store s is missing; it is none of " + path + ", " +
                made + ". It was made as " + made + " on " + host() +
                ". Put it there, or name it with --key-file.");
}

TEST_F(KeyFile, ThatIsNoneIsRefused) {
  std::ofstream(path) << "pepper\n";
  chmod(path.c_str(), 0600);
  EXPECT_EQ(outcome(open()), "CORRUPT The file " + path + " is not a key file of matricula.");
}

TEST_F(KeyFile, ThatCannotBeMadeSaysWhy) {
  path = store.directory().file("missing/keys");
  EXPECT_EQ(outcome(open()),
            "IO The key file " + path + " cannot be made: No such file or directory.");
}

TEST(Secrets, DigestsOfOneTextDifferByKindAndPepper) {
  const Secrets one = Secrets::random();
  const Secrets two = Secrets::random();
  const Digest digest = one.digest(DigestKind::kToken, "x");
  EXPECT_TRUE(equal(digest, one.digest(DigestKind::kToken, "x")));
  EXPECT_FALSE(equal(digest, one.digest(DigestKind::kClientSecret, "x")));
  EXPECT_FALSE(equal(digest, two.digest(DigestKind::kToken, "x")));
}

}  // namespace
}  // namespace matricula::auth
