#include "auth/secrets/password.h"

#include <array>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sodium.h>
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

TEST(PasswordHasher, APasswordIsTheSameHoweverASystemWritesIt) {
  PasswordHasher hasher;
  const std::string composed = "Z\xC3\xBCrichsee";
  const std::string decomposed = "Zu\xCC\x88richsee";
  for (const std::string& typed : {composed, decomposed}) {
    const std::string hash = hasher.hash(typed).value();
    EXPECT_TRUE(*hasher.verify(hash, composed));
    EXPECT_TRUE(*hasher.verify(hash, decomposed));
    EXPECT_FALSE(*hasher.verify(hash, "Zurichsee"));
    EXPECT_FALSE(*hasher.verify(hash, "Zu\xCC\x88richsex"));
  }
}

TEST(PasswordHasher, WhatAnEarlierVersionHashedAsItWasTypedIsStillRight) {
  const std::string decomposed = "Zu\xCC\x88richsee";
  std::array<char, crypto_pwhash_STRBYTES> hash = {};
  ASSERT_EQ(crypto_pwhash_str_alg(hash.data(), decomposed.data(), decomposed.size(), 2,
                                  19 * 1024 * 1024, crypto_pwhash_ALG_ARGON2ID13),
            0);
  EXPECT_TRUE(*PasswordHasher().verify(hash.data(), decomposed));
  EXPECT_FALSE(*PasswordHasher().verify(hash.data(), decomposed + "x"));
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
  // The bounds are those of the normal form.
  std::string decomposed;
  for (int i = 0; i < 512; ++i) {
    decomposed += "u\xCC\x88";
  }
  EXPECT_TRUE(hasher.hash(decomposed).has_value());
  EXPECT_FALSE(hasher.hash(decomposed + "x").has_value());
  EXPECT_FALSE(hasher
                   .hash("u\xCC\x88"
                         "12345")
                   .has_value());
  EXPECT_FALSE(*hasher.verify(*longest, std::string(4'097, 'x')));
}

}  // namespace
}  // namespace matricula::auth
