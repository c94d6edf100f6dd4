#include "server/threads.h"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

namespace matricula::server {
namespace {

TEST(Threads, AsManyAsAServerNeedsCanBeStartedAgainAndAgain) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(require_threads(40));
  }
}

// Of a process that has address space for a few stacks more; exits with 0 if that is what it says.
[[noreturn]] void start_threads_without_room() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t bytes =
      pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + rlim_t{64} * 1024 * 1024;
  const rlimit limit{.rlim_cur = bytes, .rlim_max = bytes};
  setrlimit(RLIMIT_AS, &limit);
  const Result<void> started = require_threads(1'000);
  const bool is_named =
      !started && started.error().message.find("of the 1000 threads that this server needs") !=
                      std::string::npos;
  std::_Exit(is_named ? 0 : 1);
}

TEST(Threads, ThreadsThatTheSystemRefusesAreAnError) {
  EXPECT_EXIT(start_threads_without_room(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace matricula::server
