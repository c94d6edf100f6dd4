#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "cli/output.h"

namespace matricula::cli {

// Progress of long work on standard error: in place on a terminal that can do that, a line a second
// elsewhere, nothing when quiet.
class Progress {
 public:
  Progress(Messages& messages, bool quiet);

  // `done` of `total` (0: not known) in any unit, for the percentage; `rows` for people.
  void report(std::string_view what, std::uint64_t rows, std::uint64_t done, std::uint64_t total,
              bool is_last);

 private:
  Messages& messages_;
  bool quiet_;
  bool in_place_;
  std::chrono::steady_clock::time_point began_;
  std::chrono::steady_clock::time_point last_;  // when a line was printed
  std::chrono::steady_clock::time_point seen_;  // when report() was called
  std::string what_;
};

}  // namespace matricula::cli
