#include "server/process_text.h"

#include <chrono>
#include <ctime>
#include <gtest/gtest.h>

namespace matricula::server {
namespace {

TEST(ProcessText, IsWhatPrometheusReads) {
  EXPECT_EQ(process_text({.cpu_seconds = 1.25,
                          .start_time_seconds = 1'700'000'000.5,
                          .resident_bytes = 1'048'576,
                          .virtual_bytes = 2'097'152,
                          .open_descriptors = 12,
                          .descriptors_max = 1'024,
                          .threads = 5}),
            "# HELP process_cpu_seconds_total CPU time used, of the user and of the system.\n"
            "# TYPE process_cpu_seconds_total counter\n"
            "process_cpu_seconds_total 1.25\n"
            "# HELP process_start_time_seconds When the process started, since 1970.\n"
            "# TYPE process_start_time_seconds gauge\n"
            "process_start_time_seconds 1700000000.5\n"
            "# HELP process_resident_memory_bytes Memory that is in use.\n"
            "# TYPE process_resident_memory_bytes gauge\n"
            "process_resident_memory_bytes 1048576\n"
            "# HELP process_virtual_memory_bytes Memory that is reserved.\n"
            "# TYPE process_virtual_memory_bytes gauge\n"
            "process_virtual_memory_bytes 2097152\n"
            "# HELP process_open_fds Open file descriptors.\n"
            "# TYPE process_open_fds gauge\n"
            "process_open_fds 12\n"
            "# HELP process_max_fds File descriptors that may be open.\n"
            "# TYPE process_max_fds gauge\n"
            "process_max_fds 1024\n"
            "# HELP process_threads Threads.\n"
            "# TYPE process_threads gauge\n"
            "process_threads 5\n");
}

TEST(ProcessText, TheFiguresAreThoseOfThisProcess) {
  while (std::clock() < CLOCKS_PER_SEC / 20) {
    // The system counts in ticks of 10 ms.
  }
  const ProcessFigures figures = read_process();
  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_GT(figures.start_time_seconds, now - 3'600);
  EXPECT_LT(figures.start_time_seconds, now + 2);
  EXPECT_GT(figures.cpu_seconds, 0);
  EXPECT_LT(figures.cpu_seconds, 3'600);
  EXPECT_GT(figures.resident_bytes, 100'000U);
  EXPECT_GT(figures.virtual_bytes, figures.resident_bytes);
  EXPECT_GE(figures.open_descriptors, 3U);
  EXPECT_GT(figures.descriptors_max, figures.open_descriptors);
  EXPECT_GE(figures.threads, 1U);
}

}  // namespace
}  // namespace matricula::server
