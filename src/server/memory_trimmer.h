#pragma once

#include <cstdint>

#include "spool/budget.h"

namespace matricula::server {

// Returns free memory to the system after large answers. The allocator never returns it by itself,
// and so keeps the peak of one large answer for good. malloc_trim() takes milliseconds and locks,
// so it is called while no answer is under way. One thread at a time.
class MemoryTrimmer {
 public:
  // The process has to have grown by so much since the last time.
  static constexpr std::uint64_t kGrowthBytes = 16 * 1024 * 1024;

  // `answers` must outlive it.
  explicit MemoryTrimmer(const spool::Budget& answers) : answers_(answers) {}
  // Whether trim() is worth while now. To be called regularly, with the resident memory of the
  // process.
  bool is_due(std::uint64_t resident_bytes);
  // Returns the free memory to the system.
  void trim();

 private:
  const spool::Budget& answers_;
  std::uint64_t least_resident_ = UINT64_MAX;  // since the last time
};

}  // namespace matricula::server
