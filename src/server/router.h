#pragma once

#include <atomic>

#include "http/message.h"
#include "http/server.h"
#include "pipeline/pipeline.h"
#include "portal/pages.h"
#include "server/auth_routes.h"

namespace matricula::server {

// Sends each request to who answers it. Called on loop threads.
class Router {
 public:
  // All must outlive it.
  Router(pipeline::Pipeline& pipeline, AuthRoutes& auth, storage::Database& database)
      : pipeline_(pipeline), auth_(auth), database_(database) {}

  void handle(const http::Request& request, http::Responder responder);

  // From now on the server is not ready: a balancer sends nothing more.
  void begin_drain() { draining_.store(true); }
  // What /metrics reports of the server; set once it listens.
  void watch(const http::Server& server) { server_.store(&server); }

 private:
  void answer_ready(http::Responder responder) const;
  http::Response ready() const;
  http::Response metrics() const;

  pipeline::Pipeline& pipeline_;
  AuthRoutes& auth_;
  storage::Database& database_;
  portal::Pages pages_{portal::assets()};
  std::atomic<bool> draining_{false};
  std::atomic<const http::Server*> server_{nullptr};
};

}  // namespace matricula::server
