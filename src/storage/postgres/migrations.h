#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"
#include "storage/postgres/connection.h"

namespace matricula::storage::postgres {

// How many of the known steps the store has; 0 in an empty database. Refuses a store with steps
// that this program does not know, or knows by other names; `shown` names the store in messages.
Result<int> applied_migrations(Connection& connection, std::span<const Migration> known,
                               std::string_view shown, Deadline deadline);

// Applies the missing steps, one transaction for each. Of programs that start at once, one applies
// them and the others wait until `deadline`.
Result<void> apply_migrations(Connection& connection, std::span<const Migration> known,
                              std::string_view shown, const Clock& clock, Deadline deadline);

// The roles that were allowed to work on the store before, which are to be allowed to work on its
// new tables.
Result<std::vector<std::string>> granted_roles(Connection& connection, Deadline deadline);

// kUsage where the server has no such role.
Result<void> require_role(Connection& connection, std::string_view role, Deadline deadline);

// Whether the connection's role may do all with the store's tables, as their owner may.
Result<bool> owns_store(Connection& connection, Deadline deadline);

// Allows a role that owns nothing to work on the store: to read and change rows, and no more. Rows
// of a table whose comment is `append-only` it may read and add, not change or delete.
Result<void> grant_to(Connection& connection, std::string_view role, Deadline deadline);

}  // namespace matricula::storage::postgres
