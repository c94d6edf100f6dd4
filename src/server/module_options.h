#pragma once

#include <cstddef>
#include <vector>

#include "base/network.h"
#include "base/result.h"
#include "execution/answer.h"
#include "http/server.h"
#include "pipeline/pipeline.h"
#include "server/config.h"
#include "server/listen_address.h"

namespace matricula::server {

// The options of the modules below that a Config means. Pure but for the number of cores.

// kUsage, naming the options, where some of them exclude or need each other.
Result<void> check_combinations(const Config& config);

// The networks of --trusted-proxy; kUsage names one that is none.
Result<std::vector<Network>> trusted_proxies(const Config& config);

pipeline::PipelineOptions pipeline_options(const Config& config);

// No server of this Config starts more threads.
std::size_t threads_max(const Config& config);

// For the server that clients connect to, without its handler.
http::ServerConfig http_config(const Config& config, const ListenAddress& address,
                               std::vector<Network> proxies,
                               const execution::AnswerPlaces& answers);

}  // namespace matricula::server
