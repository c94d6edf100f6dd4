#include "base/bus_errors.h"

#include <csignal>
#include <cstdlib>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace matricula {
namespace {

TEST(BusErrors, APageThatIsNotThereAnyMoreReadsAsZerosAndIsCounted) {
  std::string path = testing::TempDir() + "mapped-XXXXXX";
  const int file = mkstemp(path.data());
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const std::string text(2 * page, 'x');
  ASSERT_EQ(::write(file, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  void* const mapped = mmap(nullptr, text.size(), PROT_READ, MAP_SHARED, file, 0);
  const auto* const bytes = static_cast<const volatile char*>(mapped);
  survive_bus_errors();
  ASSERT_EQ(ftruncate(file, static_cast<off_t>(page)), 0);
  const std::uint64_t before = bus_errors();
  EXPECT_EQ(bytes[0], 'x');
  EXPECT_EQ(bus_errors(), before);
  EXPECT_EQ(bytes[page], '\0');
  EXPECT_EQ(bytes[page + 1], '\0');
  EXPECT_EQ(bus_errors(), before + 1);
  munmap(mapped, text.size());
  ::close(file);
  ::unlink(path.c_str());
  std::signal(SIGBUS, SIG_DFL);
}

TEST(BusErrorsDeathTest, OneThatIsSentEndsTheProcess) {
  EXPECT_EXIT(
      {
        survive_bus_errors();
        std::raise(SIGBUS);
      },
      testing::KilledBySignal(SIGBUS), "");
}

}  // namespace
}  // namespace matricula
