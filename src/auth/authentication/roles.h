#pragma once

#include <string>
#include <vector>

#include "auth/callers/principal.h"
#include "auth/schema/uuid.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// What a person may do beyond learning.
struct Roles {
  bool is_staff = false;
  std::vector<std::string> admin_of = {};  // company ids, in order

  bool is_empty() const { return !is_staff && admin_of.empty(); }
};

Result<Roles> read_roles(storage::Session& session, const Uuid& user_id);
// Replaces the person's roles.
Result<void> write_roles(storage::Session& transaction, const Uuid& user_id, const Roles& roles);

// The principal with the roles that the store holds now. A person's roles may have changed since
// the request was authenticated, so a change decides by these, within its transaction. Principals
// of other kinds come back unchanged.
Result<Principal> with_current_roles(storage::Session& session, const Principal& principal);

}  // namespace matricula::auth
