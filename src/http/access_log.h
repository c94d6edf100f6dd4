#pragma once

#include <span>
#include <string>

#include "base/log.h"
#include "http/server.h"

namespace matricula::http {

// One line for an answered request. It has no text into which a client may have written a secret:
// no query, no header field, no body, no unknown method, and no path but those of `known_paths`. A
// known path that ends in a slash stands for all paths below it.
void log_request(Logger& logger, const RequestSummary& summary,
                 std::span<const std::string> known_paths);

// Passes a summary to the access log and to on_request, where they are configured.
void report_request(const ServerConfig& config, Logger& logger, const RequestSummary& summary);

}  // namespace matricula::http
