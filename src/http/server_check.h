#pragma once

#include "base/result.h"
#include "http/server.h"

namespace matricula::http {

// Whether Server::start() could do with these settings now: it fails as that would, and nothing is
// kept of the attempt.
Result<void> check_server(const ServerConfig& config);

}  // namespace matricula::http
