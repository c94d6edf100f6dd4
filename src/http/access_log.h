#pragma once

#include <span>
#include <string>

#include "base/log.h"
#include "http/server.h"

namespace matricula::http {

// One line for an answered request. Nothing is in it that a client may have written a secret into:
// no query, no field of the head, no body, no method that we do not know, and no path but those of
// `known_paths`; of one that ends in a slash that much, whatever follows.
void log_request(Logger& logger, const RequestSummary& summary,
                 std::span<const std::string> known_paths);

// Hands a summary to all who want it by the configuration.
void report_request(const ServerConfig& config, Logger& logger, const RequestSummary& summary);

}  // namespace matricula::http
