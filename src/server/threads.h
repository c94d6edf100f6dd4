#pragma once

#include <cstddef>

#include "base/result.h"

namespace matricula::server {

// Checks that the system lets this process have so many more threads, all at once: one that cannot
// be started later would end the program. kUnavailable names the limits that may be too low.
Result<void> require_threads(std::size_t count);

}  // namespace matricula::server
