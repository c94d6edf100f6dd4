#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/callers/restrictions.h"
#include "auth/schema/uuid.h"
#include "base/result.h"
#include "ratelimit/identity.h"

namespace matricula::auth {

enum class ScopeType : std::uint8_t { kCompany, kCatalogCompany };

// COMPANY and CATALOG_COMPANY, as the schema names them.
std::string_view scope_type_name(ScopeType type);
std::optional<ScopeType> parse_scope_type(std::string_view name);

struct Scope {
  ScopeType type = ScopeType::kCompany;
  std::string company_id;
  bool operator==(const Scope&) const = default;
};

enum class PrincipalKind : std::uint8_t {
  kAnonymous,
  kToken,     // an API token: data endpoints
  kUser,      // a logged-in person: tokens endpoint, portal
  kOperator,  // the command line on the store's machine; may do all that staff may
};

// Who sends a request and what that allows. Immutable once made.
struct Principal {
  PrincipalKind kind = PrincipalKind::kAnonymous;
  Uuid user_id = {};                        // kUser; of a token: its maker
  Uuid token_id = {};                       // kToken
  std::optional<Uuid> credential_id = {};   // kToken made by generateToken
  std::vector<Scope> scopes = {};           // kToken: those in force
  bool is_staff = false;                    // kUser
  std::vector<std::string> admin_of = {};   // kUser: company ids
  Uuid session_id = {};                     // kUser: what logout ends
  ratelimit::Identity identity = {};        // charged with the request; of kAnonymous: unset
  std::optional<std::uint32_t> limit = {};  // a limit of its own, in place of the server's

  Restrictions restrictions = {};  // those of the credential behind a token

  bool has_staff_rights() const { return is_staff || kind == PrincipalKind::kOperator; }
  // Whether the caller administers the company: its admin, staff, or the operator.
  bool administers(std::string_view company_id) const;
};

// The company that a data request with the token is for: the one that `company_header`
// (X-Company-Id) names, else the token's only one; empty where there is no such company among the
// scopes. For counting; company_for() decides.
std::string_view counted_company(const Principal& principal,
                                 std::optional<std::string_view> company_header);

// Who the schema's createdBy and updatedBy name: the user; the nil UUID for the operator.
Uuid author_of(const Principal& principal);

// Who a request is counted for, as a line of the log names it: `credential:UUID`, `token:UUID` or
// `user:UUID`; empty for others.
std::string log_name(const Principal& principal);

// The principal of the command line.
Principal operator_principal();

// The company whose rows a token may read at an endpoint (of kDataEndpoints) that accepts the given
// scope types:
// - `X-Company-Id` that an accepted scope covers: that company;
// - one that none covers: kUnauthorized, `not authorized`;
// - no header and one company: that one; none: kUnauthorized; several: kBadUserInput that names
//   X-Company-Id.
// A credential's restrictions come first: kUnauthorized where they do not allow the endpoint; the
// gate has refused callers from other networks already. Here the pipeline answers kUnauthorized
// with 403.
Result<std::string> company_for(const Principal& principal, std::span<const ScopeType> accepted,
                                std::optional<std::string_view> company_header,
                                std::string_view endpoint = {});

}  // namespace matricula::auth
