#pragma once

#include "ratelimit/limiter.h"

namespace matricula::pipeline {

// The refusal of a request that is counted for two identities, as a guess is for the address and
// for what is guessed at: who waits as long as it says finds room for both.
inline ratelimit::Decision later(const ratelimit::Decision& refused,
                                 const ratelimit::Decision& other) {
  return !other.admitted && other.retry_after_seconds > refused.retry_after_seconds ? other
                                                                                    : refused;
}

}  // namespace matricula::pipeline
