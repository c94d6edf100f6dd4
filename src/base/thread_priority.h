#pragma once

#include <cstdint>

namespace matricula {

// How the system shares out processor time between threads that want it at once.
enum class ThreadPriority : std::uint8_t {
  kPrompt,  // a normal share, in short slices: it gets the processor soon after it becomes ready
  kLow,     // an eighth to a quarter of a core that a thread of normal priority keeps busy
};

// Of the calling thread. It cannot be raised again without a privilege. Where the system refuses
// (kPrompt: Linux before 6.12 takes no notice), the thread runs as it did.
void set_priority(ThreadPriority priority);

// To be called now and then by what takes long: in a thread of kLow, another one that waits for
// this processor gets it now, instead of at the system's next tick. Elsewhere it does nothing.
void give_way();

}  // namespace matricula
