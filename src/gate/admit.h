#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "auth/trail/use_counter.h"
#include "gate/cached_caller.h"
#include "gate/gate.h"
#include "gate/identify.h"
#include "gate/stage.h"

namespace matricula::gate {

// The allowance that a request was charged to, and what is left of it. Made by the functions below
// alone; a default one says that nothing was charged yet.
class Admission {
 public:
  Admission() = default;
  const ratelimit::Decision& decision() const { return decision_; }
  bool is_charged() const { return decision_.has_limit(); }
  // When it was charged, by Clock::monotonic().
  std::chrono::nanoseconds charged_at() const { return charged_at_; }

 private:
  friend Stage<Admission> admit(const Gate& gate, const Identified& caller,
                                std::optional<std::string_view> company, auth::UseCounter* uses,
                                std::string_view endpoint);
  friend Stage<Admission> charge_more(const Gate& gate, const Identified& caller,
                                      const Admission& charged, std::uint32_t count);
  friend Admission admit_confirmed(const Gate& gate, const CachedCaller& caller,
                                   const http::Request& request, auth::UseCounter& uses,
                                   std::string_view endpoint);
  Admission(const ratelimit::Decision& decision, std::chrono::nanoseconds charged_at)
      : decision_(decision), charged_at_(charged_at) {}

  ratelimit::Decision decision_;
  std::chrono::nanoseconds charged_at_{0};
};

// Charges the request to the caller's own allowance and to the ceiling of the company that it is
// for: 429 when either is spent. A valid credential is never refused for what others did from its
// address. Nothing is charged for a stranger: an address is charged for failures alone, see
// charge_address(). Counts the use of a token for the endpoint of that name in `uses`, the calling
// thread's; null for none.
Stage<Admission> admit(const Gate& gate, const Identified& caller, const http::Request& request,
                       auth::UseCounter* uses, std::string_view endpoint = {});
// The same where the request may name its company, `company`, in another way than by X-Company-Id.
Stage<Admission> admit(const Gate& gate, const Identified& caller,
                       std::optional<std::string_view> company, auth::UseCounter* uses,
                       std::string_view endpoint = {});

// The admission of a caller that the store confirmed, and whose request it counted with that.
// Counts the use of the token for the endpoint of that name.
Admission admit_confirmed(const Gate& gate, const CachedCaller& caller,
                          const http::Request& request, auth::UseCounter& uses,
                          std::string_view endpoint);

// 429 when the client's address is known to be over its allowance, else the decision for it: called
// before any work for a client that has proved nothing yet. From memory alone; charges nothing.
Stage<ratelimit::Decision> check_address(const Gate& gate, const http::Request& request);

// The allowance that the headers of an answer name while its caller is not known: `charged`, or
// what the client's address has left where nothing was. From memory alone.
ratelimit::Decision shown_allowance(const Gate& gate, const http::Request& request,
                                    const ratelimit::Decision& charged = {});

// Charges the request to the client's address. A refusal with `response`, or with 429 in its place
// when the address is over its allowance.
Refusal charge_address(const Gate& gate, const http::Request& request, http::Response response);

// Charges `count` more requests to the caller's own allowance, beside the one that admit() charged:
// 429 where that has fewer left, and then none is charged, nor that one. What is left afterwards.
// The caller is a user, whose requests count towards no company's ceiling.
Stage<Admission> charge_more(const Gate& gate, const Identified& caller, const Admission& charged,
                             std::uint32_t count);

// How many requests the caller may make in the window: a limit of its own, else the server's; 0 for
// any number. A server without limits has none for anyone.
std::uint32_t limit_of(const Gate& gate, const auth::Principal& principal);

}  // namespace matricula::gate
