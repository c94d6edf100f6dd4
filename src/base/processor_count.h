#pragma once

#include <string>

namespace matricula {

// How many processors this process may keep busy, at least 1: those that it may run on, or less
// where its control group or one above has a quota of time (versions 1 and 2; a part of a processor
// counts as a whole). `root` as for memory_size().
unsigned processor_count(const std::string& root = "");

}  // namespace matricula
