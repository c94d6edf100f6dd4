#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exchange/import_totals.h"
#include "http/server.h"
#include "pipeline/pipeline.h"

namespace matricula::server {

// What is known of the store when it is asked; `imports` where it could be read.
struct StoreMetrics {
  storage::StoreHealth health = {};
  std::optional<std::vector<exchange::ImportTotals>> imports = {};
};

// What is counted, in Prometheus's text format (version 0.0.4). Names no company, user or token.
// `server` may be null. Safe while requests are counted.
std::string metrics_text(const pipeline::Pipeline& pipeline, const http::Server* server,
                         const StoreMetrics& store);

}  // namespace matricula::server
