#pragma once

#include <string>

#include "http/server.h"
#include "pipeline/pipeline.h"
#include "server/store_probe.h"

namespace matricula::server {

// All metrics in Prometheus's text format (version 0.0.4). Names no company, user or token.
// `changes_waiting`: requests that wait for changes. `server` may be null. Safe to call while
// requests are counted.
std::string metrics_text(const pipeline::Pipeline& pipeline, std::size_t changes_waiting,
                         const http::Server* server, const StoreMetrics& store);

}  // namespace matricula::server
