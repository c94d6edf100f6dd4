#include "tests/bounds/heap.h"

#include <algorithm>
#include <cstdlib>
#include <malloc.h>
#include <new>

namespace matricula::bounds {

namespace {

Heap counted;  // of a program with one thread

}  // namespace

const Heap& heap() {
  return counted;
}

void reset_heap() {
  counted.bytes_max = counted.bytes;
  counted.allocations = 0;
}

}  // namespace matricula::bounds

void* operator new(std::size_t size) {
  using matricula::bounds::counted;
  void* const memory = std::malloc(size);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  counted.bytes += malloc_usable_size(memory);
  counted.bytes_max = std::max(counted.bytes_max, counted.bytes);
  ++counted.allocations;
  return memory;
}

void operator delete(void* memory) noexcept {
  matricula::bounds::counted.bytes -= memory == nullptr ? 0 : malloc_usable_size(memory);
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  operator delete(memory);
}
