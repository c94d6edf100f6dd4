#include "auth/access/credential_rows.h"

#include <algorithm>
#include <functional>
#include <map>

#include "auth/authentication/credential_lookup.h"
#include "auth/schema/store.h"
#include "auth/secrets/secret_text.h"

namespace matricula::auth {
namespace {

const storage::Statement kSecrets(
    "SELECT tail, ends_at FROM credential_secrets WHERE credential_id = ?1"
    " ORDER BY number DESC");
const storage::Statement kCredential(
    "SELECT client_id, description, created_by, created_at, updated_at, last_used_at, revoked_at,"
    " networks, endpoints FROM client_credentials WHERE id = ?1");
const storage::Statement kIds("SELECT id FROM client_credentials ORDER BY number DESC");
const storage::Statement kIdsOf(
    "SELECT c.id, c.number FROM credential_companies AS cc JOIN client_credentials AS c"
    " ON c.id = cc.credential_id WHERE cc.company_id = ?1");
const storage::Statement kLastUses(
    "SELECT company_id, last_used_at FROM credential_companies"
    " WHERE credential_id = ?1 AND last_used_at IS NOT NULL");
const storage::Statement kDropOlder(
    "DELETE FROM credential_secrets WHERE credential_id = ?1 AND (CAST(?2 AS BIGINT) IS NULL OR "
    "number <"
    " (SELECT MAX(number) FROM credential_secrets WHERE credential_id = ?1))");
const storage::Statement kEndPrevious(
    "UPDATE credential_secrets SET ends_at = ?2 WHERE credential_id = ?1");
const storage::Statement kAddSecret(
    "INSERT INTO credential_secrets(credential_id, number, digest, tail, created_at)"
    " SELECT ?1, COALESCE(MAX(number), 0) + 1, ?2, ?3, ?4 FROM credential_secrets"
    " WHERE credential_id = ?1");

}  // namespace

Result<std::optional<ClientCredential>> read_credential(storage::Session& session, const Uuid& id,
                                                        Timestamp now) {
  std::optional<ClientCredential> credential;
  MATRICULA_CHECK(each_row(session, kCredential, {id.bytes()}, [&](const storage::Rows& rows) {
    credential = ClientCredential{.id = uuid_text(id),
                                  .client_id = text_of(rows, 0),
                                  .redacted_secret = {},
                                  .description = text_of(rows, 1),
                                  .created_by = uuid_text(uuid_of(rows.bytes(2))),
                                  .created_at = rows.integer(3),
                                  .updated_at = rows.integer(4),
                                  .last_used_at = optional_time(rows, 5),
                                  .revoked_at = optional_time(rows, 6),
                                  .restrictions = restrictions_of(rows.text(7), rows.text(8))};
  }));
  if (!credential) {
    return credential;
  }
  bool newest = true;
  MATRICULA_CHECK(each_row(session, kSecrets, {id.bytes()}, [&](const storage::Rows& rows) {
    if (newest) {
      credential->redacted_secret = redacted_client_secret(rows.text(0));
    } else if (const auto ends_at = optional_time(rows, 1); ends_at && *ends_at > now) {
      credential->previous_secret_expires_at = ends_at;
    }
    newest = false;
  }));
  MATRICULA_TRY(credential->company_ids, companies_of_credential(session, id));
  return credential;
}

Result<std::vector<Uuid>> credential_ids(storage::Session& session) {
  return read_ids(session, kIds, {});
}

Result<std::vector<Uuid>> credential_ids_of(storage::Session& session,
                                            std::span<const std::string> company_ids) {
  std::map<std::int64_t, Uuid, std::greater<>> by_number;
  for (const std::string& company_id : company_ids) {
    MATRICULA_CHECK(each_row(session, kIdsOf, {company_id}, [&](const storage::Rows& rows) {
      by_number.emplace(rows.integer(1), uuid_of(rows.bytes(0)));
    }));
  }
  std::vector<Uuid> ids;
  ids.reserve(by_number.size());
  for (const auto& [number, id] : by_number) {
    ids.push_back(id);
  }
  return ids;
}

Result<std::optional<Timestamp>> credential_last_use(storage::Session& session, const Uuid& id,
                                                     const std::vector<std::string>& company_ids) {
  std::optional<Timestamp> last;
  MATRICULA_CHECK(each_row(session, kLastUses, {id.bytes()}, [&](const storage::Rows& rows) {
    if (std::find(company_ids.begin(), company_ids.end(), rows.text(0)) != company_ids.end()) {
      last = std::max(last, std::optional(rows.integer(1)));
    }
  }));
  return last;
}

Result<void> add_secret(storage::Session& transaction, const Uuid& credential_id,
                        const Digest& secret, std::string_view tail, Timestamp now,
                        std::optional<Timestamp> previous_ends_at) {
  const storage::Bind ends_at = bind_optional(previous_ends_at);
  MATRICULA_CHECK(run(transaction, kDropOlder, {credential_id.bytes(), ends_at}));
  MATRICULA_CHECK(run(transaction, kEndPrevious, {credential_id.bytes(), ends_at}));
  MATRICULA_CHECK(
      run(transaction, kAddSecret, {credential_id.bytes(), storage::Bytes(secret), tail, now}));
  return {};
}

}  // namespace matricula::auth
