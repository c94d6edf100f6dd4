#pragma once

#include <span>
#include <string>

#include "base/log.h"
#include "http/server.h"

namespace matricula::http {

// One line for an answered request. Nothing is in it that a client may have written a secret into:
// no query, no field of the head, no body, no method that we do not know, and a path only when it
// is ours: one of `known_paths`, or of a page that was found. /c/ is shortened: what follows is a
// name.
void log_request(Logger& logger, const RequestSummary& summary,
                 std::span<const std::string> known_paths);

}  // namespace matricula::http
