#pragma once

#include "base/result.h"
#include "http/server.h"

namespace matricula::http {

// Checks that Server::start() would succeed with these settings now; fails as that would. The
// attempt leaves nothing open.
Result<void> check_server(const ServerConfig& config);

}  // namespace matricula::http
