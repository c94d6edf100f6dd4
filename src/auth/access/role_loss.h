#pragma once

#include "auth/authentication/roles.h"
#include "auth/callers/caller.h"
#include "auth/schema/uuid.h"
#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

namespace matricula::auth {

// A change of a person's roles.
struct RoleChange {
  Uuid user_id;
  Roles before = {};
  Roles after = {};
};

// Ends what the lost roles gave, in the transaction that changes them, each with a line in the
// audit trail by `caller`:
// - A person without any role left: every token that the person created is revoked.
// - Scopes that the person added to tokens, their own or others', end where the person administers
//   the company no longer; a token of the person that loses its last scope is revoked.
// Client credentials belong to their companies and keep working.
Result<void> end_what_roles_gave(storage::Session& transaction, const RoleChange& change,
                                 const Caller& caller, Timestamp now);

}  // namespace matricula::auth
