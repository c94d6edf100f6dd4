#pragma once

#include <cstdint>
#include <string>

namespace matricula {

// The memory that this process may use, in bytes: the machine's, or less where its control group
// or one above has a limit (versions 1 and 2). 0 where the system does not say. `root` is the
// directory that has `proc` and `sys`; tests give another one.
std::uint64_t memory_size(const std::string& root = "");

}  // namespace matricula
