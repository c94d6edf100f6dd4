#pragma once

#include <cstdint>

#include "spool/budget.h"

namespace matricula::server {

// Gives memory that answers no longer take back to the system. The allocator keeps what it got for
// its next use, and so the peak of one large answer, for good; going through all of it takes
// milliseconds and locks, so that it is done when no answer is under way. For one thread.
class MemoryTrimmer {
 public:
  // What the process has to have grown by since the last time.
  static constexpr std::uint64_t kGrowthBytes = 16 * 1024 * 1024;

  // `answers` must outlive it.
  explicit MemoryTrimmer(const spool::Budget& answers) : answers_(answers) {}
  // To be called from time to time, with the resident memory of the process before; whether it is
  // worth while now.
  bool is_due(std::uint64_t resident_bytes);
  // Gives back what is free, where it is due.
  void trim();

 private:
  const spool::Budget& answers_;
  std::uint64_t least_resident_ = UINT64_MAX;  // since the last time
};

}  // namespace matricula::server
