#include "auth/access/key_names.h"

#include <vector>

#include "auth/schema/store.h"
#include "storage/many_keys.h"

namespace matricula::auth {
namespace {

// A row for each company that the credential covers, or one without a company.
const storage::Statement kCredentials(
    "SELECT c.id, c.client_id, c.description, cc.company_id FROM client_credentials AS c"
    " LEFT JOIN credential_companies AS cc ON cc.credential_id = c.id WHERE c.id IN (" +
    storage::key_places() + ")");
const storage::Statement kTokens(
    "SELECT t.id, t.redacted, t.description, s.scope_key FROM api_tokens AS t"
    " JOIN token_scopes AS s ON s.token_id = t.id WHERE t.id IN (" +
    storage::key_places() + ")");

// A token, of which a row is read for each company that it ever read.
struct TokenName {
  std::string redacted;
  std::string description;
  bool reads_company = false;
  bool is_whole = true;  // the viewer administers all of them
};

std::string first_of(std::string_view description, std::string_view otherwise) {
  return std::string(description.empty() ? otherwise : description);
}

}  // namespace

Result<std::map<Uuid, KeyName>> key_names(storage::Session& reader, const Principal& viewer,
                                          std::string_view company_id, std::span<const Uuid> ids) {
  std::vector<storage::Bind> keys;
  for (const Uuid& id : ids) {
    keys.emplace_back(id.bytes());
  }
  std::map<Uuid, KeyName> found;
  MATRICULA_CHECK(storage::each_of_keys(reader, kCredentials, keys, [&](const storage::Rows& rows) {
    KeyName& name =
        found
            .try_emplace(uuid_of(rows.bytes(0)),
                         KeyName{.is_credential = true, .name = std::string(rows.text(1))})
            .first->second;
    if (rows.text(3) == company_id) {
      name.name = first_of(rows.text(2), rows.text(1));
    }
  }));
  std::map<Uuid, TokenName> tokens;
  MATRICULA_CHECK(storage::each_of_keys(reader, kTokens, keys, [&](const storage::Rows& rows) {
    TokenName& token = tokens[uuid_of(rows.bytes(0))];
    token.redacted = rows.text(1);
    token.description = rows.text(2);
    token.reads_company = token.reads_company || rows.text(3) == company_id;
    token.is_whole = token.is_whole && viewer.administers(rows.text(3));
  }));
  for (const auto& [id, token] : tokens) {
    if (token.reads_company) {
      found.emplace(
          id, KeyName{.is_credential = false,
                      .name = first_of(token.is_whole ? token.description : std::string_view(),
                                       token.redacted)});
    }
  }
  return found;
}

}  // namespace matricula::auth
