#include "auth/callers/data_company.h"

#include <algorithm>
#include <iterator>

#include "auth/callers/errors.h"

namespace matricula::auth {
namespace {

Error several_companies() {
  return {.code = ErrorCode::kBadUserInput,
          .message =
              "You may read several companies: name one in the header X-Company-Id or by "
              "?company=."};
}

Result<std::string> persons_company(const Principal& person,
                                    std::optional<std::string_view> chosen) {
  if (chosen) {
    return person.administers(*chosen) ? Result<std::string>(std::string(*chosen))
                                       : fail(not_authorized());
  }
  if (person.is_staff || person.admin_of.size() > 1) {
    return fail(several_companies());
  }
  return person.admin_of.empty() ? Result<std::string>(fail(not_authorized()))
                                 : person.admin_of.front();
}

}  // namespace

Result<std::string> data_company(const Principal& principal,
                                 std::optional<std::string_view> chosen) {
  switch (principal.kind) {
    case PrincipalKind::kAnonymous:
    case PrincipalKind::kOperator:
      return fail(not_authorized());
    case PrincipalKind::kUser:
      return persons_company(principal, chosen);
    case PrincipalKind::kToken:
      break;
  }
  // Tables show what all data endpoints show together.
  const bool all_endpoints = std::all_of(
      std::begin(kDataEndpoints), std::end(kDataEndpoints),
      [&](std::string_view each) { return principal.restrictions.allow_endpoint(each); });
  if (!all_endpoints) {
    return fail(not_authorized());
  }
  constexpr ScopeType kAccepted[] = {ScopeType::kCompany};
  auto company = company_for(principal, kAccepted, chosen, kDataEndpoints[0]);
  if (!company && company.error().code == ErrorCode::kBadUserInput) {
    return fail(several_companies());
  }
  return company;
}

}  // namespace matricula::auth
