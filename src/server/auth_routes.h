#pragma once

#include <cstdint>

#include "auth/login_service.h"
#include "http/message.h"
#include "pipeline/pipeline.h"

namespace matricula::server {

// POST /auth/login, /auth/refresh and /auth/logout: sessions of people. Runs on workers, for
// passwords are slow on purpose.
class AuthRoutes {
 public:
  // Both must outlive it.
  AuthRoutes(pipeline::Pipeline& pipeline, auth::LoginService& logins, const Clock& clock,
             Logger& logger)
      : pipeline_(pipeline), logins_(logins), clock_(clock), logger_(logger) {}

  // Takes requests whose path begins with /auth/.
  void handle(const http::Request& request, http::Responder responder);

 private:
  http::Response answer(const http::Request& request, pipeline::Lane& lane);
  http::Response login(const http::Request& request, pipeline::Lane& lane);
  http::Response refused(const http::Request& request, const Error& error);

  pipeline::Pipeline& pipeline_;
  auth::LoginService& logins_;
  const Clock& clock_;
  Logger& logger_;
};

}  // namespace matricula::server
