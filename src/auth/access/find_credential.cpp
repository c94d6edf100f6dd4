#include "auth/access/find_credential.h"

#include "auth/schema/store.h"

namespace matricula::auth {
namespace {

const storage::Statement kFind("SELECT id FROM client_credentials WHERE client_id = ?1");

}  // namespace

Result<std::optional<Uuid>> find_credential_id(storage::Session& session,
                                               std::string_view client_id) {
  std::optional<Uuid> id;
  MATRICULA_CHECK(each_row(session, kFind, {client_id},
                           [&](const storage::Rows& rows) { id = uuid_of(rows.bytes(0)); }));
  return id;
}

}  // namespace matricula::auth
