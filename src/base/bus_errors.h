#pragma once

#include <cstdint>

namespace matricula {

// A file that is mapped into memory and cut short, or whose disk fails, ends a process by SIGBUS
// when it is read. From now on such a page reads as zeros instead, and is counted: who read through
// a mapping looks at bus_errors() before and after, and trusts nothing of it where the number
// changed. A page that is written to still ends the process.
void survive_bus_errors();

// How many pages could not be read so far. From any thread.
std::uint64_t bus_errors();

}  // namespace matricula
