#include "base/temporary_names.h"

#include <csignal>
#include <cstdlib>
#include <gtest/gtest.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace matricula {
namespace {

bool exists(const std::string& path) {
  struct stat status = {};
  return lstat(path.c_str(), &status) == 0;
}

std::string make_file(const std::string& path) {
  std::string name = path + "-XXXXXX";
  const int file = mkstemp(name.data());
  EXPECT_GE(file, 0);
  close(file);
  return name;
}

class TemporaryNamesDeathTest : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    std::string path = testing::TempDir() + "names-XXXXXX";
    ASSERT_NE(mkdtemp(path.data()), nullptr);
    directory_ = path;
  }
  void TearDown() override {
    for (const std::string& path : left_) {
      unlink(path.c_str());
    }
    rmdir(directory_.c_str());
  }

  std::string directory_;
  std::vector<std::string> left_;  // files of the test
};

TEST_P(TemporaryNamesDeathTest, ASignalRemovesFilesAndTheirDirectoryAndEndsTheProcess) {
  const std::string file = make_file(directory_ + "/file");
  const TemporaryName directory(directory_);
  const TemporaryName name(file);
  EXPECT_EXIT(
      {
        remove_temporary_names_on_signals();
        std::raise(GetParam());
      },
      testing::KilledBySignal(GetParam()), "");
  EXPECT_FALSE(exists(file));
  EXPECT_FALSE(exists(directory_));
}

TEST_P(TemporaryNamesDeathTest, NamesThatWereForgottenAndOtherFilesStay) {
  const std::string kept = left_.emplace_back(make_file(directory_ + "/kept"));
  const std::string moved = make_file(directory_ + "/moved");
  TemporaryName name(kept);
  name = TemporaryName(moved);
  const TemporaryName other(std::move(name));
  const TemporaryName directory(directory_);
  EXPECT_EXIT(
      {
        remove_temporary_names_on_signals();
        std::raise(GetParam());
      },
      testing::KilledBySignal(GetParam()), "");
  EXPECT_TRUE(exists(kept));
  EXPECT_FALSE(exists(moved));
}

TEST_P(TemporaryNamesDeathTest, ASignalWaitsForThoseWhoHoldIt) {
  const std::string file = left_.emplace_back(make_file(directory_ + "/file"));
  EXPECT_EXIT(
      {
        remove_temporary_names_on_signals();
        const SignalsHeld outer;
        {
          const TemporaryName name(file);
          const SignalsHeld held;
          std::raise(GetParam());
        }
      },
      testing::KilledBySignal(GetParam()), "");
  EXPECT_TRUE(exists(file));
}

TEST_P(TemporaryNamesDeathTest, ASignalThatIsIgnoredStaysSo) {
  const std::string file = left_.emplace_back(make_file(directory_ + "/file"));
  const TemporaryName name(file);
  EXPECT_EXIT(
      {
        std::signal(GetParam(), SIG_IGN);
        remove_temporary_names_on_signals();
        std::raise(GetParam());
        std::_Exit(7);
      },
      testing::ExitedWithCode(7), "");
  EXPECT_TRUE(exists(file));
}

TEST_P(TemporaryNamesDeathTest, MoreNamesThanThereIsRoomForAreLeftBehind) {
  std::vector<TemporaryName> names;
  for (int i = 0; i < kTemporaryNamesMax; ++i) {
    names.emplace_back("/no/such/file");
  }
  const std::string file = left_.emplace_back(make_file(directory_ + "/file"));
  const auto end = [] {
    remove_temporary_names_on_signals();
    std::raise(GetParam());
  };
  {
    const TemporaryName one_more(file);
    EXPECT_EXIT(end(), testing::KilledBySignal(GetParam()), "");
    EXPECT_TRUE(exists(file));
  }
  names.pop_back();
  const TemporaryName last(file);
  EXPECT_EXIT(end(), testing::KilledBySignal(GetParam()), "");
  EXPECT_FALSE(exists(file));
}

INSTANTIATE_TEST_SUITE_P(Signals, TemporaryNamesDeathTest,
                         testing::Values(SIGINT, SIGTERM, SIGHUP));

}  // namespace
}  // namespace matricula
