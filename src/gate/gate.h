#pragma once

#include "auth/limits/company_ceiling.h"
#include "auth/limits/request_limits.h"
#include "auth/trail/refusals.h"
#include "base/clock.h"
#include "base/log.h"
#include "gate/refused_tokens.h"

namespace matricula::gate {

// What the functions of this module work with. All of it outlives every request and may be used
// from any thread.
struct Gate {
  auth::RequestLimits& limits;
  auth::CompanyCeiling& ceiling;
  auth::Refusals& refusals;
  RefusedTokens& refused_tokens;
  const Clock& clock;
  Logger& logger;
  bool ietf_fields = false;  // responses also carry the fields of the IETF's draft
};

}  // namespace matricula::gate
