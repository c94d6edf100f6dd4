#pragma once

#include <cstdint>

namespace matricula {

// A program that links failing_new.cpp counts every allocation of operator new, and lets some fail.

// Whether the next allocation is to fail; it is counted.
bool fails_next_allocation();

// How many there were.
std::uint64_t allocations();

// While it lives, `failures` allocations of all threads fail, after `before` that do not. One at a
// time.
class FailingAllocations {
 public:
  FailingAllocations(std::uint64_t before, std::uint64_t failures);
  ~FailingAllocations() { stop(); }
  FailingAllocations(const FailingAllocations&) = delete;
  FailingAllocations& operator=(const FailingAllocations&) = delete;

  // From now on none fails. Gives whether one did.
  bool stop();

 private:
  const std::uint64_t first_;
};

}  // namespace matricula
