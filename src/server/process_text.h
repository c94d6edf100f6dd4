#pragma once

#include <cstdint>
#include <string>

namespace matricula::server {

// The system's figures of this process; 0 where they are not available.
struct ProcessFigures {
  double cpu_seconds = 0;
  double start_time_seconds = 0;  // since 1970
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_descriptors = 0;
  std::uint64_t descriptors_max = 0;
  std::uint64_t threads = 0;
};

// The resident memory of this process alone; 0 where that is not available.
std::uint64_t resident_bytes();

ProcessFigures read_process();

// In Prometheus's text format, under the names that its own libraries use.
std::string process_text(const ProcessFigures& figures);

}  // namespace matricula::server
