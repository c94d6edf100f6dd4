#include "auth/secrets/key_file.h"

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

#include "auth/testing.h"

namespace matricula::auth {
namespace {

struct KeyFile : testing::Test {
  Result<Secrets> open() { return open_secrets(store.database(), "store.db", path); }
  storage::TempStore store{migrations::all()};
  std::string path = store.directory().file("store.db-keys");
};

TEST_F(KeyFile, IsMadeAtFirstStartForTheOwnerAlone) {
  const Digest first = good(open()).digest(DigestKind::kToken, "x");
  struct stat status = {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U);
  EXPECT_TRUE(equal(good(open()).digest(DigestKind::kToken, "x"), first));
}

TEST_F(KeyFile, OfAnotherStoreIsRefusedWithALineThatNamesBoth) {
  good(open());
  storage::TempStore other{migrations::all()};
  const std::string foreign = other.directory().file("keys");
  good(open_secrets(other.database(), "other.db", foreign));
  EXPECT_EQ(outcome(open_secrets(store.database(), "store.db", foreign)),
            "CORRUPT The key file " + foreign + " does not belong to the store store.db.");
}

TEST_F(KeyFile, IsNeverMadeAnewForAStoreThatHasOne) {
  good(open());
  std::filesystem::remove(path);
  EXPECT_EQ(outcome(open()), "NOT_FOUND The key file " + path +
                                 " is missing, and the store store.db was made with one: put it "
                                 "back.");
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(KeyFile, ThatOthersMayReadIsRefused) {
  good(open());
  chmod(path.c_str(), 0640);
  EXPECT_EQ(outcome(open()),
            "IO The key file " + path + " is open to other users: restrict it with `chmod 600`.");
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
