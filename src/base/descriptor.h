#pragma once

#include <chrono>
#include <string_view>

#include "base/result.h"

namespace matricula {

// Opens descriptors 0 to 2 on /dev/null where they are closed, so that no file that the program
// opens gets their numbers, and with them what is meant for people. Reading from such a standard
// input and writing to such an output fails with EBADF: output that is lost is noticed. Call before
// anything is opened.
void open_standard_descriptors();

// Whether the descriptor is open and takes writes.
bool is_writable(int fd);

// Writes all of `text`. Errors are kIo with the system's reason. A reader that does not read is
// waited for without end.
Result<void> write_all(int fd, std::string_view text);

// Writes as much of `text` as the reader accepts before `patience` is over, and removes from
// `text` what was written. kTimeout when the time is over, kIo with the system's reason when a
// write fails. It does not block longer, unless another process fills the same pipe meanwhile.
Result<void> write_within(int fd, std::string_view& text, std::chrono::milliseconds patience);

}  // namespace matricula
