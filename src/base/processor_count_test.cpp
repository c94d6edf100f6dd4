#include "base/processor_count.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <thread>

namespace matricula {
namespace {

struct ProcessorCount : testing::Test {
  ProcessorCount() { EXPECT_NE(mkdtemp(root.data()), nullptr); }
  ~ProcessorCount() override { std::filesystem::remove_all(root); }
  void write(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(root + path).parent_path());
    std::ofstream(root + path) << text;
  }

  std::string root = testing::TempDir() + "processors-XXXXXX";
  const unsigned here = std::max(1U, std::thread::hardware_concurrency());
};

TEST_F(ProcessorCount, IsTheMachinesWithoutAQuota) {
  EXPECT_EQ(processor_count(root), here);
  write("/proc/self/cgroup", "0::/a\n");
  write("/sys/fs/cgroup/a/cpu.max", "max 100000\n");
  EXPECT_EQ(processor_count(root), here);
}

TEST_F(ProcessorCount, IsTheQuotaOfTheGroupOrOfOneAbove) {
  write("/proc/self/cgroup", "0::/pod/container\n");
  write("/sys/fs/cgroup/pod/container/cpu.max", "max 100000\n");
  write("/sys/fs/cgroup/pod/cpu.max", "50000 100000\n");
  EXPECT_EQ(processor_count(root), 1U);
  write("/sys/fs/cgroup/pod/cpu.max", "110000 100000\n");
  EXPECT_EQ(processor_count(root), std::min(here, 2U));
  write("/sys/fs/cgroup/pod/cpu.max", "broken\n");
  EXPECT_EQ(processor_count(root), here);
}

TEST_F(ProcessorCount, IsTheQuotaOfVersion1) {
  write("/proc/self/cgroup", "3:cpu,cpuacct:/docker/a\n");
  write("/sys/fs/cgroup/cpu/docker/a/cpu.cfs_quota_us", "-1\n");
  write("/sys/fs/cgroup/cpu/docker/a/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(processor_count(root), here);
  write("/sys/fs/cgroup/cpu/docker/a/cpu.cfs_quota_us", "100000\n");
  EXPECT_EQ(processor_count(root), 1U);
}

}  // namespace
}  // namespace matricula
