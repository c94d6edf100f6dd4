#pragma once

#include <string>
#include <vector>

#include "auth/schema/uuid.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// What a person may do beyond learning.
struct Roles {
  bool is_staff = false;
  std::vector<std::string> admin_of = {};  // company ids, in order
};

Result<Roles> read_roles(storage::Session& session, const Uuid& user_id);
// In place of those before.
Result<void> write_roles(storage::Session& transaction, const Uuid& user_id, const Roles& roles);

}  // namespace matricula::auth
