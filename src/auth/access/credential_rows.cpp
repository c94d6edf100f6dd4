#include "auth/access/credential_rows.h"

#include "auth/schema/by_keys.h"
#include "auth/schema/store.h"
#include "auth/secrets/secret_text.h"

namespace matricula::auth {
namespace {

const ByKeys kCredentials(
    "SELECT id, client_id, description, created_by, created_at, updated_at, last_used_at,"
    " revoked_at, networks, endpoints FROM client_credentials WHERE ",
    "id");
const ByKeys kSecrets("SELECT credential_id, tail, ends_at FROM credential_secrets WHERE ",
                      "credential_id", " ORDER BY number DESC");
const ByKeys kCompanies("SELECT credential_id, company_id FROM credential_companies WHERE ",
                        "credential_id", " ORDER BY company_id");
const ByKeys kLastUses(
    "SELECT credential_id, company_id, last_used_at FROM credential_companies"
    " WHERE last_used_at IS NOT NULL AND ",
    "credential_id");
const storage::Statement kIds("SELECT id FROM client_credentials ORDER BY number DESC");
const ByKeys kIdsOf(
    "SELECT id FROM client_credentials WHERE id IN"
    " (SELECT credential_id FROM credential_companies WHERE ",
    "company_id", ") ORDER BY number DESC");
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

ClientCredential credential_of(const storage::Rows& rows) {
  return {.id = uuid_text(uuid_of(rows.bytes(0))),
          .client_id = text_of(rows, 1),
          .redacted_secret = {},
          .description = text_of(rows, 2),
          .created_by = uuid_text(uuid_of(rows.bytes(3))),
          .created_at = rows.integer(4),
          .updated_at = rows.integer(5),
          .last_used_at = optional_time(rows, 6),
          .revoked_at = optional_time(rows, 7),
          .restrictions = restrictions_of(rows.text(8), rows.text(9))};
}

}  // namespace

Result<std::optional<ClientCredential>> read_credential(storage::Session& session, const Uuid& id,
                                                        Timestamp now) {
  MATRICULA_TRY(auto credentials, read_credentials(session, std::span(&id, 1), now));
  return credentials.empty() ? std::nullopt : std::optional(std::move(credentials.front()));
}

Result<std::vector<ClientCredential>> read_credentials(storage::Session& session,
                                                       std::span<const Uuid> ids, Timestamp now) {
  const std::vector<storage::Value> keys = keys_of(ids);
  std::map<Uuid, ClientCredential> found;
  MATRICULA_CHECK(kCredentials.each_row(session, keys, [&](const storage::Rows& rows) {
    found.emplace(uuid_of(rows.bytes(0)), credential_of(rows));
  }));
  const auto of = [&](const storage::Rows& rows) -> ClientCredential* {
    const auto credential = found.find(uuid_of(rows.bytes(0)));
    return credential == found.end() ? nullptr : &credential->second;
  };
  // Of each credential the newest secret comes first.
  MATRICULA_CHECK(kSecrets.each_row(session, keys, [&](const storage::Rows& rows) {
    ClientCredential* const credential = of(rows);
    if (credential == nullptr) {
      return;
    }
    if (credential->redacted_secret.empty()) {
      credential->redacted_secret = redacted_client_secret(rows.text(1));
    } else if (const auto ends_at = optional_time(rows, 2); ends_at && *ends_at > now) {
      credential->previous_secret_expires_at = ends_at;
    }
  }));
  MATRICULA_CHECK(kCompanies.each_row(session, keys, [&](const storage::Rows& rows) {
    if (ClientCredential* const credential = of(rows)) {
      credential->company_ids.push_back(text_of(rows, 1));
    }
  }));
  std::vector<ClientCredential> credentials;
  for (const Uuid& id : ids) {
    if (const auto one = found.find(id); one != found.end()) {
      credentials.push_back(std::move(one->second));
    }
  }
  return credentials;
}

Result<std::vector<Uuid>> credential_ids(storage::Session& session) {
  return read_ids(session, kIds, {});
}

Result<std::vector<Uuid>> credential_ids_of(storage::Session& session,
                                            std::span<const std::string> company_ids) {
  std::vector<Uuid> ids;
  MATRICULA_CHECK(kIdsOf.each_row(session, keys_of(company_ids), [&](const storage::Rows& rows) {
    ids.push_back(uuid_of(rows.bytes(0)));
  }));
  return ids;
}

Result<std::multimap<std::string, CompanyUse>> read_company_uses(storage::Session& session,
                                                                 std::span<const Uuid> ids) {
  std::multimap<std::string, CompanyUse> uses;
  MATRICULA_CHECK(kLastUses.each_row(session, keys_of(ids), [&](const storage::Rows& rows) {
    uses.emplace(uuid_text(uuid_of(rows.bytes(0))),
                 CompanyUse{.company_id = text_of(rows, 1), .last_used_at = rows.integer(2)});
  }));
  return uses;
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
