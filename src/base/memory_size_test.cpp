#include "base/memory_size.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <stdlib.h>

namespace matricula {
namespace {

constexpr std::uint64_t kMiB = 1'024 * 1'024;

// A machine with 4 GiB.
struct MemorySize : testing::Test {
  MemorySize() {
    EXPECT_NE(mkdtemp(root.data()), nullptr);
    write("/proc/meminfo", "MemFree:  1 kB\nMemTotal:        4194304 kB\n");
  }
  ~MemorySize() override { std::filesystem::remove_all(root); }
  void write(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(root + path).parent_path());
    std::ofstream(root + path) << text;
  }

  std::string root = testing::TempDir() + "memory-XXXXXX";
};

TEST_F(MemorySize, IsTheMachinesWithoutGroups) {
  EXPECT_EQ(memory_size(root), 4'096 * kMiB);
}

TEST_F(MemorySize, IsNothingWhereTheSystemDoesNotSay) {
  EXPECT_EQ(memory_size(root + "/nowhere"), 0U);
  write("/proc/meminfo", "MemTotal: some\n");
  EXPECT_EQ(memory_size(root), 0U);
}

TEST_F(MemorySize, IsTheLimitOfTheGroupInVersion2) {
  write("/proc/self/cgroup", "0::/system.slice/matricula.service\n");
  write("/sys/fs/cgroup/system.slice/matricula.service/memory.max", "536870912\n");
  EXPECT_EQ(memory_size(root), 512 * kMiB);
}

TEST_F(MemorySize, IsTheLowestLimitOfTheGroupsAbove) {
  write("/proc/self/cgroup", "0::/a/b/c\n");
  write("/sys/fs/cgroup/a/b/c/memory.max", "max\n");
  write("/sys/fs/cgroup/a/b/memory.max", "1073741824\n");
  write("/sys/fs/cgroup/a/memory.max", "2147483648\n");
  EXPECT_EQ(memory_size(root), 1'024 * kMiB);
}

TEST_F(MemorySize, IsTheLimitOfTheMountInAContainer) {
  write("/proc/self/cgroup", "0::/\n");
  write("/sys/fs/cgroup/memory.max", "268435456\n");
  EXPECT_EQ(memory_size(root), 256 * kMiB);
}

TEST_F(MemorySize, IsTheLimitOfTheGroupInVersion1) {
  write("/proc/self/cgroup", "5:cpu,cpuacct:/x\n4:hugetlb,memory:/docker/abc\n0::/\n");
  write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(memory_size(root), 4'096 * kMiB);
  // A container sees its own group as the mount.
  write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "134217728\n");
  EXPECT_EQ(memory_size(root), 128 * kMiB);
  write("/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "67108864\n");
  EXPECT_EQ(memory_size(root), 64 * kMiB);
}

TEST_F(MemorySize, IsTheMachinesWhereItIsBelowTheLimit) {
  write("/proc/self/cgroup", "broken\n0::/\n");
  write("/sys/fs/cgroup/memory.max", "18446744073709551615\n");
  EXPECT_EQ(memory_size(root), 4'096 * kMiB);
}

TEST(MemorySizeHere, IsSomething) {
  EXPECT_GT(memory_size(), 16 * kMiB);
}

}  // namespace
}  // namespace matricula
