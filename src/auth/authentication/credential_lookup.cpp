#include "auth/authentication/credential_lookup.h"

#include "auth/authentication/token_lookup.h"
#include "auth/schema/store.h"

namespace matricula::auth {
namespace {

const storage::Statement kFind(
    "SELECT id, revoked_at, networks, endpoints FROM client_credentials WHERE client_id = ?1");
const storage::Statement kSecrets(
    "SELECT digest, ends_at FROM credential_secrets WHERE credential_id = ?1");
const storage::Statement kCompanies(
    "SELECT company_id FROM credential_companies WHERE credential_id = ?1 ORDER BY company_id");

}  // namespace

Result<std::vector<std::string>> companies_of_credential(storage::Session& session,
                                                         const Uuid& id) {
  std::vector<std::string> companies;
  MATRICULA_CHECK(each_row(session, kCompanies, {id.bytes()}, [&](const storage::Rows& rows) {
    companies.push_back(text_of(rows, 0));
  }));
  return companies;
}

Result<std::optional<VerifiedCredential>> verify_credential(storage::Session& session,
                                                            std::string_view client_id,
                                                            const Digest& secret, Timestamp now) {
  VerifiedCredential verified{.id = {}};
  bool usable = false;
  MATRICULA_CHECK(each_row(session, kFind, {client_id}, [&](const storage::Rows& rows) {
    verified.id = uuid_of(rows.bytes(0));
    usable = rows.is_null(1);
    verified.restrictions = restrictions_of(rows.text(2), rows.text(3));
  }));
  bool right = false;
  bool compared = false;
  MATRICULA_CHECK(
      each_row(session, kSecrets, {verified.id.bytes()}, [&](const storage::Rows& rows) {
        const bool same = equal(secret, rows.bytes(0));
        const std::optional<Timestamp> ends_at = optional_time(rows, 1);
        right = right || (same && (!ends_at || now < *ends_at));
        compared = true;
      }));
  if (!compared) {
    right = equal(secret, Digest{});
  }
  MATRICULA_TRY(verified.company_ids, companies_of_credential(session, verified.id));
  return usable && right ? std::optional(std::move(verified)) : std::nullopt;
}

Result<std::shared_ptr<const Principal>> credential_principal(storage::Session& session,
                                                              std::string_view client_id,
                                                              const Digest& secret, Timestamp now) {
  MATRICULA_TRY(auto credential, verify_credential(session, client_id, secret, now));
  if (!credential) {
    return std::shared_ptr<const Principal>();
  }
  Principal principal{.kind = PrincipalKind::kToken, .credential_id = credential->id};
  for (std::string& company : credential->company_ids) {
    principal.scopes.push_back({.type = ScopeType::kCompany, .company_id = std::move(company)});
  }
  principal.restrictions = std::move(credential->restrictions);
  MATRICULA_CHECK(read_allowance(session, principal));
  return std::make_shared<const Principal>(std::move(principal));
}

}  // namespace matricula::auth
