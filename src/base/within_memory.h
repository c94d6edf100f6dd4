#pragma once

#include <new>
#include <utility>

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

// Calls a std::function for the last time, as run_within_memory() does. It is destroyed before this
// returns, with what it holds: a Responder among that answers even where memory ran out.
template <typename Function, typename... Arguments>
void call_last_within_memory(Function& function, Arguments&&... arguments) {
  run_within_memory(
      [&] { std::exchange(function, nullptr)(std::forward<Arguments>(arguments)...); });
}

}  // namespace matricula
