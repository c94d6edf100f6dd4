#pragma once

#include <cstddef>

#include "base/result.h"

namespace matricula::server {

// Whether the system lets this process start so many threads more, all at once. kUnavailable names
// what may hold it back: a thread that cannot be started later would end the program.
Result<void> require_threads(std::size_t count);

}  // namespace matricula::server
