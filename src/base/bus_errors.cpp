#include "base/bus_errors.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <sys/mman.h>
#include <unistd.h>

namespace matricula {
namespace {

std::atomic<std::uint64_t> count{0};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "a signal handler adds to it");
std::uintptr_t page_bytes = 0;

// mmap() is not on POSIX's list of what handlers may call; on Linux it is a system call alone.
void put_zeros(int signal, siginfo_t* info, void*) {
  const int error = errno;
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  void* const page = reinterpret_cast<void*>(address & ~(page_bytes - 1));
  // Of kill(2) there is no address.
  const bool is_fault = info->si_code == BUS_ADRERR || info->si_code == BUS_OBJERR;
  if (!is_fault || mmap(page, page_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                        0) == MAP_FAILED) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
    return;
  }
  count.fetch_add(1, std::memory_order_relaxed);
  errno = error;
}

}  // namespace

void survive_bus_errors() {
  page_bytes = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  struct sigaction action = {};
  action.sa_sigaction = put_zeros;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGBUS, &action, nullptr);
}

std::uint64_t bus_errors() {
  return count.load(std::memory_order_relaxed);
}

}  // namespace matricula
