#pragma once

#include <memory>
#include <vector>

#include "auth/access/login_service.h"
#include "auth/authentication/authenticator.h"
#include "base/clock.h"
#include "base/result.h"
#include "gate/gate.h"
#include "gate/stage.h"
#include "http/message.h"
#include "pipeline/worker_pool.h"
#include "storage/database.h"

namespace matricula::server {

// POST /auth/login, /auth/refresh and /auth/logout: sessions of people. Passwords are slow on
// purpose, so these requests have threads of their own: however many log in, no loop and no worker
// of the data endpoints waits for them. Logins take turns by address, and an address that is over
// its allowance gets 429 before anything is hashed.
class AuthRoutes {
 public:
  // Its dependencies, which outlive it.
  struct Dependencies {
    storage::Database& database;
    const auth::Secrets& secrets;
    auth::LoginService& logins;
    const gate::Gate& gate;
    const auth::JwksSource* outside = nullptr;  // keys of an outside issuer; null for none
  };
  // Fails when the store cannot be read.
  static Result<std::unique_ptr<AuthRoutes>> open(const Dependencies& dependencies);

  // Takes requests of these three paths. Answers exactly once, from any thread.
  void handle(const http::Request& request, http::Responder responder);

 private:
  // What one thread needs.
  struct ThreadContext {
    std::unique_ptr<storage::Session> session;
    std::unique_ptr<auth::Authenticator> authenticator;
  };

  explicit AuthRoutes(const Dependencies& dependencies) : dependencies_(dependencies) {}
  http::Response answer(const http::Request& request, std::chrono::nanoseconds deadline,
                        ThreadContext& context);
  gate::Stage<http::Response> login(const http::Request& request, std::chrono::nanoseconds deadline,
                                    ThreadContext& context);
  gate::Stage<http::Response> refresh(const http::Request& request, const auth::Principal& caller);
  gate::Stage<http::Response> logout(const http::Request& request, const auth::Principal& caller,
                                     std::chrono::nanoseconds deadline);
  gate::Refusal refused(const http::Request& request, const Error& error);
  http::Response with_allowance(const http::Request& request, http::Response response,
                                const ratelimit::Decision& charged = {}) const;

  Dependencies dependencies_;
  std::vector<ThreadContext> contexts_;
  const SystemClock threads_clock_;
  std::unique_ptr<pipeline::WorkerPool> workers_;  // last: its threads use all of the above
};

}  // namespace matricula::server
