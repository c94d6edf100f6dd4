#include "auth/limits/company_ceiling.h"

#include <algorithm>

#include "auth/limits/request_limits.h"

namespace matricula::auth {
namespace {

constexpr std::size_t kCompaniesMax = 100'000;

ratelimit::LimiterOptions limiter_options(std::uint32_t requests) {
  ratelimit::LimiterOptions options = seeded_limits(requests);
  options.identities_max = kCompaniesMax;
  return options;
}

ratelimit::Identity identity_of(std::string_view company) {
  return ratelimit::identity_of(ratelimit::IdentityKind::kCompany, company);
}

}  // namespace

CompanyCeiling::CompanyCeiling(std::uint32_t requests)
    : requests_(requests), limiter_(limiter_options(requests)) {}

std::uint32_t CompanyCeiling::ceiling_for(std::optional<std::uint32_t> limit) const {
  const std::uint32_t own = limit.value_or(requests_);
  return requests_ == 0 || own == 0 ? 0 : std::max(requests_, own);
}

ratelimit::Decision CompanyCeiling::peek(const Principal& principal,
                                         std::optional<std::string_view> company_header,
                                         ratelimit::Nanoseconds now) const {
  const std::string_view company = counted_company(principal, company_header);
  return company.empty() ? ratelimit::Decision{}
                         : limiter_.peek(identity_of(company), now, ceiling_for(principal.limit));
}

void CompanyCeiling::charge(const Principal& principal,
                            std::optional<std::string_view> company_header,
                            ratelimit::Nanoseconds now) {
  const std::string_view company = counted_company(principal, company_header);
  if (!company.empty()) {
    limiter_.charge(identity_of(company), now, ceiling_for(principal.limit));
  }
}

}  // namespace matricula::auth
