#include "gate/cached_caller.h"

#include "gate/admit.h"
#include "gate/named_company.h"

namespace matricula::gate {

std::optional<CachedCaller> find_cached_caller(const Gate& gate, const Attempt& attempt,
                                               auth::Authenticator& authenticator) {
  const http::Request& request = attempt.request;
  if (attempt.scheme != Scheme::kToken || request.header_count("Authorization") != 1) {
    return std::nullopt;
  }
  auto cached = authenticator.cached_principal(request.header("Authorization"));
  const auto now = gate.clock.monotonic();
  if (!cached || !cached->principal->restrictions.allow_address(request.remote_address) ||
      !gate.ceiling.peek(*cached->principal, company_header(request), now).admitted) {
    return std::nullopt;
  }
  const auto confirmation = gate.limits.claim(
      cached->principal->identity, now, limit_of(gate, *cached->principal), cached->generation);
  return confirmation ? std::optional(CachedCaller(std::move(cached->principal), *confirmation))
                      : std::nullopt;
}

}  // namespace matricula::gate
