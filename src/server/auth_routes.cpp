#include "server/auth_routes.h"

#include <fmt/format.h>

#include "gate/answer.h"
#include "gate/replies.h"
#include "gate/session_cookie.h"
#include "http/negotiate.h"
#include "http/url.h"
#include "json/value.h"
#include "json/writer.h"
#include "pipeline/tenants.h"

namespace matricula::server {
namespace {

constexpr std::chrono::milliseconds kAnswerLimit{10'000};
// As many logins at once as may hash a password at once, one for each address at most. Refreshes
// and logouts have threads that never hash, and refreshes one that never writes.
constexpr pipeline::WorkerPoolOptions kWorkers{
    .workers = 2,
    .short_workers = 2,
    // Some seconds of logins; with more, the answer is 503. The store's writer is waited for in
    // what is left of the limit.
    .queue_max = 128,
    .queue_of_tenant_max = 16,
    .wait_max = kAnswerLimit,
    .write_wait_max = kAnswerLimit};

http::Response logged_in_reply(const http::Request& request, const auth::LoggedIn& login) {
  std::string body = R"({"token":)";
  json::append_string(body, login.token);
  body += fmt::format(R"(,"expiresIn":{},"csrfToken":)", login.expires_in);
  json::append_string(body, login.csrf_token);
  body += '}';
  http::Response response = http::json_response(200, std::move(body));
  // A secret beside text that a client chose must not be compressed (BREACH).
  response.compress = false;
  if (!login.session_cookie.empty()) {
    gate::set_session_cookie(response, request, login.session_cookie, auth::kSessionSeconds);
  }
  return response;
}

std::optional<std::string> text_member(const json::Value& body, std::string_view name) {
  const json::Value* member = body.member(name);
  const auto* text = member == nullptr ? nullptr : std::get_if<std::string>(&member->data);
  return text == nullptr ? std::nullopt : std::optional(*text);
}

}  // namespace

Result<std::unique_ptr<AuthRoutes>> AuthRoutes::open(const Dependencies& dependencies) {
  std::unique_ptr<AuthRoutes> routes(new AuthRoutes(dependencies));
  for (unsigned i = 0; i < pipeline::WorkerPool::threads_of(kWorkers); ++i) {
    ThreadContext context;
    MATRICULA_TRY(context.session, dependencies.database.open_reader());
    MATRICULA_TRY(context.authenticator,
                  auth::Authenticator::open(dependencies.database, dependencies.secrets,
                                            dependencies.gate.clock, dependencies.outside));
    routes->contexts_.push_back(std::move(context));
  }
  routes->workers_ = std::make_unique<pipeline::WorkerPool>(kWorkers, routes->threads_clock_);
  return routes;
}

void AuthRoutes::handle(const http::Request& request, http::Responder responder) {
  const std::string_view path = http::without_slash(request.path);
  if (request.method != http::Method::kPost) {
    responder.send(with_allowance(request, http::method_not_allowed("POST", "Use POST.")));
    return;
  }
  // A refusal takes no place in the queue.
  const bool is_login = path == "/auth/login";
  if (is_login) {
    if (auto allowed = gate::check_address(dependencies_.gate, request); !allowed) {
      responder.send(gate::refused_response(dependencies_.gate, std::move(allowed.error())));
      return;
    }
  }
  const std::chrono::nanoseconds deadline = dependencies_.gate.clock.monotonic() + kAnswerLimit;
  pipeline::answer_from_worker(
      *workers_,
      {.tenant = pipeline::tenant_of_address(request.remote_address),
       .kind = is_login                 ? pipeline::JobKind::kLong
               : path == "/auth/logout" ? pipeline::JobKind::kWrite
                                        : pipeline::JobKind::kShort},
      std::move(responder),
      [this, &request, deadline](unsigned worker) {
        return answer(request, deadline, contexts_[worker]);
      },
      [this, &request] { return with_allowance(request, gate::busy_reply()); });
}

http::Response AuthRoutes::with_allowance(const http::Request& request, http::Response response,
                                          const ratelimit::Decision& charged) const {
  const gate::Gate& gate = dependencies_.gate;
  gate::add_rate_headers(response, gate::shown_allowance(gate, request, charged), gate.ietf_fields);
  return response;
}

// The refusal for an error of the services: 401, charged to the address, or 503.
gate::Refusal AuthRoutes::refused(const http::Request& request, const Error& error) {
  const gate::Gate& gate = dependencies_.gate;
  if (error.code != ErrorCode::kUnauthenticated) {
    gate.logger.log(LogLevel::kError, "login failed for a reason of ours",
                    {{"requestId", request.request_id},
                     {"error", error.message},
                     {"internal", error.internal}});
    return {.response = gate::store_unavailable_reply()};
  }
  return gate::charge_address(gate, request, gate::unauthenticated_reply("Bearer", error.message));
}

http::Response AuthRoutes::answer(const http::Request& request, std::chrono::nanoseconds deadline,
                                  ThreadContext& context) {
  const std::string_view path = http::without_slash(request.path);
  if (path == "/auth/login") {
    auto answered = login(request, deadline, context);
    return answered ? std::move(*answered)
                    : with_allowance(request, std::move(answered.error().response),
                                     answered.error().charged);
  }
  const bool is_refresh = path == "/auth/refresh";
  return gate::answer_caller(
      dependencies_.gate,
      {.request = request, .scheme = is_refresh ? gate::Scheme::kSession : gate::Scheme::kLogin},
      *context.authenticator, [&](const auth::Principal& caller) {
        return is_refresh ? refresh(request, caller) : logout(request, caller, deadline);
      });
}

gate::Stage<http::Response> AuthRoutes::refresh(const http::Request& request,
                                                const auth::Principal& caller) {
  const auto login = dependencies_.logins.refresh(caller, *request.header("X-CSRF-Token"));
  if (!login) {
    return tl::unexpected(refused(request, login.error()));
  }
  return logged_in_reply(request, *login);
}

gate::Stage<http::Response> AuthRoutes::logout(const http::Request& request,
                                               const auth::Principal& caller,
                                               std::chrono::nanoseconds deadline) {
  const auto done = dependencies_.logins.logout({.principal = caller,
                                                 .address = std::string(request.remote_address),
                                                 .write_until = deadline});
  if (!done) {
    return tl::unexpected(refused(request, done.error()));
  }
  http::Response response{.status = 204};
  // Of a JWT's session the client may have no cookie, or that of another session.
  if (request.header("X-CSRF-Token")) {
    gate::set_session_cookie(response, request, "", 0);
  }
  return response;
}

gate::Stage<http::Response> AuthRoutes::login(const http::Request& request,
                                              std::chrono::nanoseconds deadline,
                                              ThreadContext& context) {
  const gate::Gate& gate = dependencies_.gate;
  // Checked again before the password is hashed: earlier logins of this address, which run one
  // after the other, may have been charged since.
  MATRICULA_CHECK(gate::check_address(gate, request));
  if (auto refusal = http::refuse_body_type(request)) {
    return gate::refuse(std::move(*refusal));
  }
  const auto body = json::read(request.body);
  const auto email = body ? text_member(*body, "email") : std::nullopt;
  const auto password = body ? text_member(*body, "password") : std::nullopt;
  if (!email || !password) {
    return gate::refuse(http::error_response(
        400, "The body must be a JSON object with the texts \"email\" and \"password\"."));
  }
  auto answer = dependencies_.logins.login(*context.session, *email, *password,
                                           request.remote_address, deadline);
  if (!answer) {
    return tl::unexpected(refused(request, answer.error()));
  }
  const auto address =
      gate.limits.peek(ratelimit::address_identity(request.remote_address), gate.clock.monotonic());
  if (!answer->allowed.admitted) {
    const ratelimit::Decision& refusal = gate::later(answer->allowed, address);
    // The bound on failed logins also holds on a server without limits, which sends no headers.
    return gate::refuse(gate::rate_limited_reply(refusal),
                        gate.limits.limit() == 0 ? ratelimit::Decision() : refusal);
  }
  const auth::Principal person{.kind = auth::PrincipalKind::kUser,
                               .user_id = answer->login.user_id};
  http::Response response = logged_in_reply(request, answer->login);
  gate::finish(gate, response, &person, address);
  return response;
}

}  // namespace matricula::server
