#pragma once

#include <string>

#include "base/result.h"
#include "cli/output.h"

namespace matricula::cli {

// Reads a password from a descriptor: to its end, less the last line feed; from a terminal a line,
// which is asked for on `messages` and not shown. kIo where it cannot be read, kUsage where it is
// longer than any password may be.
Result<std::string> read_password(Messages& messages, int fd, std::string_view prompt);

}  // namespace matricula::cli
