#pragma once

#include <string>

#include "auth/callers/principal.h"

namespace matricula::auth {

// Who asks and from where: what permissions are decided by and what the audit trail keeps.
struct Caller {
  const Principal& principal;
  std::string address;  // the client's address as text; "local" for the command line
};

}  // namespace matricula::auth
