#pragma once

#include <chrono>
#include <string>

#include "auth/callers/principal.h"
#include "storage/database.h"

namespace matricula::auth {

// Who sends a request and from where: permissions are decided by it, and the audit trail keeps it.
struct Caller {
  const Principal& principal;
  std::string address;  // the client's address as text; "local" for the command line
  // Until when what they change waits for other writers: Database::write().
  std::chrono::nanoseconds write_until = storage::kNoDeadline;
};

}  // namespace matricula::auth
