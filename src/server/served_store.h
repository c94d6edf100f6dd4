#pragma once

#include <memory>

#include "base/log.h"
#include "base/result.h"
#include "server/config.h"
#include "server/signals.h"
#include "storage/database.h"

namespace matricula::server {

// Opens the store to serve. Waits for a PostgreSQL server that does not answer yet, and refuses a
// role there that row-level security does not restrict to one company at a time. Null when a
// signal that ends the server came while it waited.
Result<std::unique_ptr<storage::Database>> open_served_store(const Config& config,
                                                             const Signals& signals,
                                                             const Clock& clock, Logger& logger);

}  // namespace matricula::server
