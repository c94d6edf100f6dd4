#include "base/files.h"

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

namespace matricula {
namespace {

struct Files : testing::Test {
  Files() { EXPECT_NE(mkdtemp(directory.data()), nullptr); }
  ~Files() override {
    for (const char* const name : {"/a", "/b"}) {
      unlink((directory + name).c_str());
    }
    rmdir(directory.c_str());
  }
  static std::string text_of(const std::string& path) {
    std::ifstream stream(path);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  std::string directory = testing::TempDir() + "files-XXXXXX";
};

TEST_F(Files, AreReadWithinTheirBound) {
  const std::string path = directory + "/a";
  const auto outcome = [&](std::size_t bytes_max) {
    const auto text = read_file(path, bytes_max);
    return text ? *text : text.error().message;
  };
  EXPECT_EQ(outcome(10), path + " cannot be read: No such file or directory.");
  std::ofstream(path) << "";
  EXPECT_EQ(outcome(0), "");
  const std::string long_text(100'000, 'x');
  std::ofstream(path) << long_text;
  EXPECT_EQ(outcome(long_text.size() + 1), long_text);
  EXPECT_EQ(outcome(long_text.size()), long_text);
  EXPECT_EQ(outcome(long_text.size() - 1), path + " is longer than 99999 bytes.");
}

TEST_F(Files, AreReadWhereTheyAreNoPipesAndNoDirectories) {
  ASSERT_EQ(mkfifo((directory + "/a").c_str(), 0600), 0);
  EXPECT_EQ(read_file(directory + "/a", 10).error().message,
            directory + "/a is not a regular file.");
  EXPECT_EQ(read_file(directory, 10).error().message, directory + " is not a regular file.");
}

TEST_F(Files, AreGivenANameThatIsFreeAndNoOther) {
  std::ofstream(directory + "/a") << "new";
  EXPECT_TRUE(publish_new_file(directory + "/a", directory + "/b"));
  EXPECT_EQ(access((directory + "/a").c_str(), F_OK), -1);
  std::ofstream(directory + "/a") << "newer";
  EXPECT_FALSE(publish_new_file(directory + "/a", directory + "/b"));
  EXPECT_EQ(errno, EEXIST);
  EXPECT_EQ(text_of(directory + "/b"), "new");
  EXPECT_EQ(text_of(directory + "/a"), "newer");
}

TEST_F(Files, AreMadeDurableWhereTheFileSystemKnowsHow) {
  std::ofstream(directory + "/a") << "text";
  EXPECT_TRUE(sync_file(directory + "/a"));
  EXPECT_TRUE(sync_directory(directory));
  EXPECT_TRUE(sync_directory("/proc/self"));  // cannot be synchronised
  EXPECT_FALSE(sync_file(directory + "/b"));
  EXPECT_FALSE(sync_directory(directory + "/b"));
  EXPECT_EQ(errno, ENOENT);
}

TEST_F(Files, HavePermissionsWhereTheFileSystemKeepsThem) {
  const int file = open((directory + "/a").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  EXPECT_TRUE(set_mode(file, 0640));
  struct stat status = {};
  EXPECT_EQ(fstat(file, &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640U);
  close(file);
  const int fixed = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  EXPECT_NE(fchmod(fixed, 0600), 0);
  EXPECT_TRUE(set_mode(fixed, 0600));
  close(fixed);
  EXPECT_FALSE(set_mode(-1, 0600));
}

TEST_F(Files, MadeByRootHaveTheOwnerOfTheFileThatTheyBelongTo) {
  if (geteuid() != 0) {
    GTEST_SKIP() << "only root gives files away";
  }
  const int service = open((directory + "/a").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(fchown(service, 65'534, 65'533), 0);
  close(service);
  const int file = open((directory + "/b").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  struct stat status = {};
  inherit_owner(file, directory + "/none");
  EXPECT_EQ(fstat(file, &status), 0);
  EXPECT_EQ(status.st_uid, 0U);
  inherit_owner(file, directory + "/a");
  EXPECT_EQ(fstat(file, &status), 0);
  EXPECT_EQ(status.st_uid, 65'534U);
  EXPECT_EQ(status.st_gid, 65'533U);
  close(file);
}

}  // namespace
}  // namespace matricula
