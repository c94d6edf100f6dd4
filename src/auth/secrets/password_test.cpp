#include "auth/secrets/password.h"

#include <gtest/gtest.h>

namespace matricula::auth {
namespace {

TEST(PasswordHasher, KnowsTheRightPasswordAlone) {
  PasswordHasher hasher;
  const auto hash = hasher.hash("correct horse");
  ASSERT_TRUE(hash.has_value());
  EXPECT_EQ(hash->substr(0, 30), "$argon2id$v=19$m=19456,t=2,p=1");
  EXPECT_TRUE(*hasher.verify(*hash, "correct horse"));
  EXPECT_FALSE(*hasher.verify(*hash, "correct horsf"));
  EXPECT_FALSE(*hasher.verify(*hash, ""));
}

TEST(PasswordHasher, NothingIsRightWithoutAHash) {
  PasswordHasher hasher;
  EXPECT_FALSE(*hasher.verify("", ""));
  EXPECT_FALSE(*hasher.verify("no hash", "no hash"));
}

TEST(PasswordHasher, APasswordHasBounds) {
  PasswordHasher hasher;
  EXPECT_FALSE(hasher.hash(std::string(7, 'x')).has_value());
  EXPECT_TRUE(hasher.hash(std::string(8, 'x')).has_value());
  const auto longest = hasher.hash(std::string(1'024, 'x'));
  ASSERT_TRUE(longest.has_value());
  EXPECT_FALSE(*hasher.verify(*longest, std::string(1'025, 'x')));
  EXPECT_EQ(hasher.hash(std::string(1'025, 'x')).error().message,
            "A password must have 8 to 1024 bytes.");
}

}  // namespace
}  // namespace matricula::auth
