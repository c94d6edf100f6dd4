#pragma once

#include <cstddef>

namespace matricula::bounds {

// What operator new was asked for, by a program that links heap.cpp.
struct Heap {
  std::size_t bytes = 0;        // held now
  std::size_t bytes_max = 0;    // held at most, since reset()
  std::size_t allocations = 0;  // since reset()
};

const Heap& heap();
void reset_heap();

}  // namespace matricula::bounds
