#pragma once

#include <string>

#include "auth/callers/principal.h"

namespace matricula::auth {

// Who sends a request and from where: permissions are decided by it, and the audit trail keeps it.
struct Caller {
  const Principal& principal;
  std::string address;  // the client's address as text; "local" for the command line
};

}  // namespace matricula::auth
