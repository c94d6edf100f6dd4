#include "tests/memory/failing_new.h"

#include <atomic>
#include <cstdlib>
#include <limits>
#include <new>

namespace {

std::atomic<std::uint64_t> counted{0};
// Those from the first of these numbers to before the second fail.
std::atomic<std::uint64_t> failing_from{0};
std::atomic<std::uint64_t> failing_to{0};

}  // namespace

// Not inlined: with sanitizers g++ 12 would see free() take what a `new` gave that it does not know
// to be malloc().
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (!matricula::fails_next_allocation()) {
    if (void* memory = std::malloc(size)) {
      return memory;
    }
  }
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace matricula {

bool fails_next_allocation() {
  const std::uint64_t number = counted.fetch_add(1, std::memory_order_relaxed);
  return number >= failing_from.load() && number < failing_to.load();
}

std::uint64_t allocations() {
  return counted.load();
}

FailingAllocations::FailingAllocations(std::uint64_t before, std::uint64_t failures)
    : first_(counted.load() + before) {
  failing_from = first_;
  failing_to = failures > std::numeric_limits<std::uint64_t>::max() - first_
                   ? std::numeric_limits<std::uint64_t>::max()
                   : first_ + failures;
}

bool FailingAllocations::stop() {
  failing_to = 0;
  return counted.load() > first_;
}

}  // namespace matricula
