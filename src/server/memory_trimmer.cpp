#include "server/memory_trimmer.h"

#include <algorithm>
#include <malloc.h>

#include "server/process_text.h"

namespace matricula::server {

bool MemoryTrimmer::is_due(std::uint64_t resident_bytes) {
  least_resident_ = std::min(least_resident_, resident_bytes);
  return answers_.used() == 0 && resident_bytes >= least_resident_ + kGrowthBytes;
}

void MemoryTrimmer::trim() {
  if (is_due(resident_bytes())) {
    malloc_trim(0);
    least_resident_ = resident_bytes();
  }
}

}  // namespace matricula::server
