#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "auth/callers/principal.h"
#include "ratelimit/limiter.h"

namespace matricula::auth {

// How many requests all identities of one company may make in a minute together: a company's admins
// create identities, each with an allowance of its own, and must not multiply the company's share
// of the server by that. Counted by each node in memory, so that requests of one company do not
// queue for one row of a shared store: over n nodes a company has n ceilings.
//
// Safe to call from any thread.
class CompanyCeiling {
 public:
  // `requests` in any 60 seconds; 0 is off.
  explicit CompanyCeiling(std::uint32_t requests);

  // Whether a data request of the token may be admitted, for the company that counted_company()
  // names; it may where that is none. An identity with a limit of its own is held to a ceiling of
  // at least that limit, and to none where it has no limit. Counts nothing.
  ratelimit::Decision peek(const Principal& principal,
                           std::optional<std::string_view> company_header,
                           ratelimit::Nanoseconds now) const;
  // Counts a request that was admitted. Requests that come together may pass the ceiling: they
  // count all the same, so that others wait until there is room below it.
  void charge(const Principal& principal, std::optional<std::string_view> company_header,
              ratelimit::Nanoseconds now);

  // The ceiling for an identity with this limit of its own, if it has one; 0 is none.
  std::uint32_t ceiling_for(std::optional<std::uint32_t> limit) const;

 private:
  std::uint32_t requests_;
  ratelimit::Limiter limiter_;
};

}  // namespace matricula::auth
