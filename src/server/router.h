#pragma once

#include <atomic>
#include <optional>

#include "http/message.h"
#include "http/server.h"
#include "pipeline/pipeline.h"
#include "pipeline/worker_pool.h"
#include "portal/pages.h"
#include "server/auth_routes.h"
#include "server/portal_routes.h"

namespace matricula::server {

// Sends each request to who answers it. Called on loop threads.
class Router {
 public:
  // All must outlive it. Without `playground` there is no editor, and browsers are not led to it.
  Router(pipeline::Pipeline& pipeline, AuthRoutes& auth, PortalRoutes& portal,
         storage::Database& database, bool playground)
      : pipeline_(pipeline),
        auth_(auth),
        portal_(portal),
        database_(database),
        playground_(playground) {
    if (database.is_shared()) {
      prober_.emplace(1U, kProbesMax);
    }
  }

  void handle(const http::Request& request, http::Responder responder);

  // From now on the server is not ready: a balancer sends nothing more.
  void begin_drain() { draining_.store(true); }
  // What /metrics reports of the server; set once it listens.
  void watch(const http::Server& server) { server_.store(&server); }

 private:
  // Probes that wait for a store that hangs; each knows after a second or two.
  static constexpr std::size_t kProbesMax = 4;

  void answer_ready(http::Responder responder);
  void answer_metrics(const http::Request& request, http::Responder responder);
  http::Response ready();
  http::Response metrics(pipeline::Lane& lane);

  pipeline::Pipeline& pipeline_;
  AuthRoutes& auth_;
  PortalRoutes& portal_;
  storage::Database& database_;
  const bool playground_;
  portal::Pages pages_{portal::assets()};
  std::atomic<bool> draining_{false};
  std::atomic<const http::Server*> server_{nullptr};
  // For a store that is asked over a network. Last: its thread uses the store.
  std::optional<pipeline::WorkerPool> prober_;
};

}  // namespace matricula::server
