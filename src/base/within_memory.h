#pragma once

#include <new>

namespace matricula {

// Runs `work`: false where an allocation in it failed. What it held is released by then. For each
// turn of a thread, which must go on: an exception that leaves a thread ends the program.
template <typename Work>
bool run_within_memory(const Work& work) {
  try {
    work();
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

}  // namespace matricula
