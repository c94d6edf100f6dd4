#include "gate/admit.h"

#include "gate/named_company.h"
#include "gate/replies.h"

namespace matricula::gate {
namespace {

ratelimit::Decision address_allowance(const Gate& gate, const http::Request& request) {
  return gate.limits.peek_in_memory(ratelimit::address_identity(request.remote_address),
                                    gate.clock.monotonic());
}

}  // namespace

Stage<Admission> admit(const Gate& gate, const Identified& caller, const http::Request& request,
                       auth::UseCounter* uses, std::string_view endpoint) {
  return admit(gate, caller, company_header(request), uses, endpoint);
}

Stage<Admission> admit(const Gate& gate, const Identified& caller,
                       std::optional<std::string_view> company, auth::UseCounter* uses,
                       std::string_view endpoint) {
  if (caller.is_stranger()) {
    return Admission();
  }
  const auth::Principal& principal = caller.principal();
  const auto now = gate.clock.monotonic();
  // A request that the company's ceiling refuses is not charged to its identity either.
  ratelimit::Decision decision = gate.ceiling.peek(principal, company, now);
  if (decision.admitted) {
    decision = gate.limits.admit(principal.identity, now, limit_of(gate, principal));
  }
  if (!decision.admitted) {
    if (uses != nullptr) {
      uses->count_refused(principal, company, endpoint);
    }
    return refuse(rate_limited_reply(decision), decision);
  }
  gate.ceiling.charge(principal, company, now);
  if (uses != nullptr) {
    uses->count(principal, company, endpoint);
  }
  return Admission(decision, now);
}

Admission admit_confirmed(const Gate& gate, const CachedCaller& caller,
                          const http::Request& request, auth::UseCounter& uses,
                          std::string_view endpoint) {
  const auto company = company_header(request);
  const auto now = gate.clock.monotonic();
  gate.ceiling.charge(caller.principal(), company, now);
  uses.count(caller.principal(), company, endpoint);
  return Admission(caller.confirmation().decision(), now);
}

Stage<ratelimit::Decision> check_address(const Gate& gate, const http::Request& request) {
  const ratelimit::Decision allowance = address_allowance(gate, request);
  if (!allowance.admitted) {
    return refuse(rate_limited_reply(allowance), allowance);
  }
  return allowance;
}

ratelimit::Decision shown_allowance(const Gate& gate, const http::Request& request,
                                    const ratelimit::Decision& charged) {
  return charged.has_limit() ? charged : address_allowance(gate, request);
}

Refusal charge_address(const Gate& gate, const http::Request& request, http::Response response) {
  const ratelimit::Decision charged = gate.limits.admit(
      ratelimit::address_identity(request.remote_address), gate.clock.monotonic());
  return {.response = charged.admitted ? std::move(response) : rate_limited_reply(charged),
          .charged = charged};
}

Stage<Admission> charge_more(const Gate& gate, const Identified& caller, const Admission& charged,
                             std::uint32_t count) {
  if (!charged.is_charged()) {
    return charged;
  }
  const ratelimit::Identity& identity = caller.principal().identity;
  const auto now = gate.clock.monotonic();
  const ratelimit::Decision more =
      gate.limits.admit_more(identity, now, charged.decision().limit, count);
  if (!more.admitted) {
    gate.limits.take_back(identity, charged.charged_at());
    return refuse(rate_limited_reply(more), more);
  }
  return Admission(more, now);
}

std::uint32_t limit_of(const Gate& gate, const auth::Principal& principal) {
  const std::uint32_t servers = gate.limits.limit();
  return servers == 0 ? 0 : principal.limit.value_or(servers);
}

}  // namespace matricula::gate
