#pragma once

#include "base/log.h"
#include "http/server.h"

namespace matricula::http {

// One line for an answered request. Its query is not in it, nor any field of its head or body: any
// of them may hold a secret.
void log_request(Logger& logger, const RequestSummary& summary);

}  // namespace matricula::http
