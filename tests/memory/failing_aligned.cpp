// Boost.Asio takes the memory of its operations from aligned_alloc().
#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "tests/memory/failing_new.h"

extern "C" [[gnu::noinline]] void* aligned_alloc(std::size_t alignment, std::size_t size) {
  void* memory = nullptr;
  if (matricula::fails_next_allocation() ||
      posix_memalign(&memory, std::max(alignment, sizeof(void*)), size) != 0) {
    errno = ENOMEM;
    return nullptr;
  }
  return memory;
}
