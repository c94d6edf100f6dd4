#include "auth/secrets/password.h"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

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

// In a process that gets no more memory; exits with 0 if both calls fail with kUnavailable.
[[noreturn]] void verify_without_memory(const std::string& hash) {
  PasswordHasher hasher;
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t bytes = pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + 4 * 1024 * 1024;
  const rlimit limit{.rlim_cur = bytes, .rlim_max = bytes};
  setrlimit(RLIMIT_AS, &limit);
  const auto is_right = hasher.verify(hash, "correct horse");
  const auto made = hasher.hash("correct horse");
  std::_Exit(!is_right && is_right.error().code == ErrorCode::kUnavailable && !made &&
                     made.error().code == ErrorCode::kUnavailable
                 ? 0
                 : 1);
}

TEST(PasswordHasher, WithoutMemoryNoPasswordIsCalledWrong) {
  const std::string hash = PasswordHasher().hash("correct horse").value();
  EXPECT_EXIT(verify_without_memory(hash), testing::ExitedWithCode(0), "");
}

TEST(PasswordHasher, APasswordIsWhatCanBeTyped) {
  PasswordHasher hasher;
  EXPECT_TRUE(hasher.hash("a long pässword"));
  using namespace std::string_view_literals;
  for (const std::string_view bad : {"a long p\xE4ssword"sv, "a long pass\0word"sv,
                                     "a long password\r"sv, "a\tlong password"sv}) {
    const auto hash = hasher.hash(bad);
    ASSERT_FALSE(hash);
    EXPECT_EQ(hash.error().message, "A password must be UTF-8 without control characters.");
  }
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
