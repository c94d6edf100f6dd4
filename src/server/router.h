#pragma once

#include <atomic>
#include <mutex>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "http/server.h"
#include "pipeline/pipeline.h"
#include "portal/pages.h"
#include "server/auth_routes.h"
#include "server/cross_origin.h"
#include "server/data_routes.h"
#include "server/portal_routes.h"
#include "server/store_probe.h"

namespace matricula::server {

struct RouterOptions {
  const CrossOrigin& cross_origin;
  bool playground = true;  // without it there is no editor, and browsers are not led to it
  bool metrics = true;     // whether /metrics is among the public paths
};

// Dispatches each request to its handler, by its path. Called on loop threads.
class Router {
 public:
  // All must outlive it.
  struct Routes {
    pipeline::Pipeline& pipeline;
    AuthRoutes& auth;
    PortalRoutes& portal;
    DataRoutes& data;
    StoreProbe& probe;
  };
  Router(const Routes& routes, const RouterOptions& options)
      : pipeline_(routes.pipeline),
        auth_(routes.auth),
        portal_(routes.portal),
        data_(routes.data),
        probe_(routes.probe),
        options_(options) {}

  void handle(const http::Request& request, http::Responder responder);
  // Health and metrics alone, whatever the options.
  void handle_operator(const http::Request& request, http::Responder responder);

  // From now on /readyz says that the server is not ready, so that a load balancer sends no more
  // requests, and no request waits for changes.
  void begin_drain() {
    draining_.store(true);
    data_.begin_drain();
  }
  // The server that /metrics reports on; set once it listens.
  void watch(const http::Server& server) { server_.store(&server); }

 private:
  void handle_endpoint(const pipeline::Endpoint& endpoint, const http::Request& request,
                       http::Responder responder);
  // Of a path of Handler::kOperator.
  void answer_operator(std::string_view path, const http::Request& request,
                       http::Responder responder);
  void add_allowance(http::Response& response, const http::Request& request) const;
  http::Response answer_page(std::string_view path, const http::Request& request) const;
  void answer_ready(http::Responder responder);
  void answer_metrics(http::Responder responder);
  void send_metrics(const StoreMetrics& store);

  pipeline::Pipeline& pipeline_;
  AuthRoutes& auth_;
  PortalRoutes& portal_;
  DataRoutes& data_;
  StoreProbe& probe_;
  const RouterOptions options_;
  portal::Pages pages_{portal::assets()};
  std::atomic<bool> draining_{false};
  std::atomic<const http::Server*> server_{nullptr};
  std::mutex metrics_mutex_;
  std::vector<http::Responder> waiting_for_metrics_;
};

}  // namespace matricula::server
