#pragma once

#include <cstdint>

#include "auth/callers/principal.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"
#include "storage/database.h"

namespace matricula::portal {

inline constexpr std::int64_t kUsageDays = 30;
inline constexpr std::int64_t kCompaniesMax = 2'000;
inline constexpr std::int64_t kAuditRowsMax = 50;

// What the portal shows and GraphQL does not offer, as JSON under /portal/api/:
//
//   /companies              those that the caller administers, all for staff, by slug:
//                           {"companies":[{"id","slug","name"}],"more"}
//   /companies/SLUG         {"company","usage":{"days":[{"day","answered","refused"}]},"limits":
//                           {"windowSeconds","requests","ofCompany","credentials":[{"id",
//                           "requests"}]}}; days of UTC, the last kUsageDays with today, those
//                           without requests too; requests 0: no limit
//   /companies/SLUG/audit   {"rows":[{"number","at","actor","address","action","target","detail",
//                           "refused"}],"more"}, newest first; ?before=NUMBER for the rows before
//
// A company that the caller does not administer is answered as one that does not exist: 404.
// Safe to call from any thread with that thread's session.
class Api {
 public:
  // `rate_limit`: the server's requests in 60 seconds. `clock` must outlive it.
  Api(const Clock& clock, std::uint32_t rate_limit) : clock_(clock), rate_limit_(rate_limit) {}

  // Fails only as the store does.
  Result<http::Response> answer(const http::Request& request, const auth::Principal& principal,
                                storage::Session& reader) const;

 private:
  const Clock& clock_;
  std::uint32_t rate_limit_;
};

}  // namespace matricula::portal
