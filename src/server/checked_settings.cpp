#include "server/checked_settings.h"

#include "http/server_check.h"
#include "pipeline/trusted_documents.h"
#include "server/module_options.h"

namespace matricula::server {

Result<CheckedSettings> check_settings(const Config& config) {
  MATRICULA_CHECK(check_combinations(config));
  MATRICULA_TRY(ListenAddress address, read_listen_address("--listen", config.listen));
  MATRICULA_TRY(std::vector<Network> proxies, trusted_proxies(config));
  MATRICULA_TRY(CrossOrigin cross_origin, CrossOrigin::read(config.cors_origins));
  MATRICULA_CHECK(http::check_server(http_config(config, address, proxies, {})));
  if (!config.metrics_listen.empty()) {
    MATRICULA_TRY(const ListenAddress metrics,
                  read_listen_address("--metrics-listen", config.metrics_listen));
    MATRICULA_CHECK(http::check_server({.address = metrics.host, .port = metrics.port}));
  }
  const pipeline::PipelineOptions options = pipeline_options(config);
  MATRICULA_CHECK(pipeline::check_trusted_documents(options.trusted_documents, options.parse,
                                                    options.validation));
  return CheckedSettings{.address = std::move(address),
                         .proxies = std::move(proxies),
                         .cross_origin = std::move(cross_origin)};
}

}  // namespace matricula::server
