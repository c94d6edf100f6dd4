#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "server/config.h"

namespace matricula::server {

// Opens the store, listens, prints `listening on http://ADDRESS:PORT` to standard output (and, with
// `demo`, a credential and a curl line), and serves until SIGTERM or SIGINT; then drains. A second
// one ends the process at once. Returns an error when it cannot start: nothing has been served
// then. Blocks; call once in a process, before other threads are started.
Result<void> serve(const Config& config, const Clock& clock);

}  // namespace matricula::server
