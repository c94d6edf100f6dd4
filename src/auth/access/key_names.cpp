#include "auth/access/key_names.h"

#include <algorithm>

#include "auth/schema/store.h"

namespace matricula::auth {
namespace {

const storage::Statement kCredential(
    "SELECT c.client_id, CASE WHEN EXISTS (SELECT 1 FROM credential_companies AS cc"
    " WHERE cc.credential_id = c.id AND cc.company_id = ?2) THEN c.description ELSE '' END"
    " FROM client_credentials AS c WHERE c.id = ?1");
const storage::Statement kToken("SELECT redacted, description FROM api_tokens WHERE id = ?1");
const storage::Statement kTokenCompanies("SELECT scope_key FROM token_scopes WHERE token_id = ?1");

std::string first_of(std::string_view description, std::string_view otherwise) {
  return std::string(description.empty() ? otherwise : description);
}

}  // namespace

Result<std::optional<KeyName>> key_name(storage::Session& reader, const Principal& viewer,
                                        std::string_view company_id, const Uuid& id) {
  std::optional<KeyName> found;
  MATRICULA_CHECK(
      each_row(reader, kCredential, {id.bytes(), company_id}, [&](const storage::Rows& rows) {
        found = KeyName{.is_credential = true, .name = first_of(rows.text(1), rows.text(0))};
      }));
  if (found) {
    return found;
  }
  bool reads_company = false;
  bool is_whole = true;
  MATRICULA_CHECK(each_row(reader, kTokenCompanies, {id.bytes()}, [&](const storage::Rows& rows) {
    reads_company = reads_company || rows.text(0) == company_id;
    is_whole = is_whole && viewer.administers(rows.text(0));
  }));
  if (!reads_company) {
    return found;
  }
  MATRICULA_CHECK(each_row(reader, kToken, {id.bytes()}, [&](const storage::Rows& rows) {
    found = KeyName{.is_credential = false,
                    .name = first_of(is_whole ? rows.text(1) : std::string_view(), rows.text(0))};
  }));
  return found;
}

}  // namespace matricula::auth
