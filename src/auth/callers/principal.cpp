#include "auth/callers/principal.h"

#include <algorithm>

#include "auth/callers/errors.h"
#include "base/assert.h"

namespace matricula::auth {

std::string_view scope_type_name(ScopeType type) {
  switch (type) {
    case ScopeType::kCompany:
      return "COMPANY";
    case ScopeType::kCatalogCompany:
      return "CATALOG_COMPANY";
  }
  MATRICULA_ASSERT(false);
  return {};
}

std::optional<ScopeType> parse_scope_type(std::string_view name) {
  for (const ScopeType type : {ScopeType::kCompany, ScopeType::kCatalogCompany}) {
    if (scope_type_name(type) == name) {
      return type;
    }
  }
  return std::nullopt;
}

bool Principal::administers(std::string_view company_id) const {
  if (has_staff_rights()) {
    return true;
  }
  return kind == PrincipalKind::kUser &&
         std::find(admin_of.begin(), admin_of.end(), company_id) != admin_of.end();
}

std::string_view counted_company(const Principal& principal,
                                 std::optional<std::string_view> company_header) {
  std::string_view company;
  for (const Scope& scope : principal.scopes) {
    if (company_header ? scope.company_id == *company_header
                       : company.empty() || company == scope.company_id) {
      company = scope.company_id;
    } else if (!company_header) {
      return {};
    }
  }
  return company;
}

Uuid author_of(const Principal& principal) {
  return principal.kind == PrincipalKind::kUser ? principal.user_id : Uuid{};
}

std::string log_name(const Principal& principal) {
  switch (principal.kind) {
    case PrincipalKind::kToken:
      return principal.credential_id ? "credential:" + uuid_text(*principal.credential_id)
                                     : "token:" + uuid_text(principal.token_id);
    case PrincipalKind::kUser:
      return "user:" + uuid_text(principal.user_id);
    case PrincipalKind::kAnonymous:
    case PrincipalKind::kOperator:
      return {};
  }
  return {};
}

Principal operator_principal() {
  return Principal{.kind = PrincipalKind::kOperator};
}

Result<std::string> company_for(const Principal& principal, std::span<const ScopeType> accepted,
                                std::optional<std::string_view> company_header,
                                std::string_view endpoint) {
  if (!principal.restrictions.allow_endpoint(endpoint)) {
    return fail(not_authorized());
  }
  const std::string* only = nullptr;
  for (const Scope& scope : principal.scopes) {
    if (std::find(accepted.begin(), accepted.end(), scope.type) == accepted.end()) {
      continue;
    }
    if (company_header) {
      if (scope.company_id == *company_header) {
        return scope.company_id;
      }
      continue;
    }
    if (only != nullptr && *only != scope.company_id) {
      return fail(ErrorCode::kBadUserInput,
                  "The token covers several companies: name one in the header X-Company-Id.");
    }
    only = &scope.company_id;
  }
  if (only == nullptr) {
    return fail(not_authorized());
  }
  return *only;
}

}  // namespace matricula::auth
