#include "server/auth_routes.h"

#include <fmt/format.h>

#include "http/negotiate.h"
#include "json/value.h"
#include "json/writer.h"
#include "pipeline/replies.h"
#include "pipeline/session_cookie.h"
#include "pipeline/two_budgets.h"

namespace matricula::server {
namespace {

// As many as may hash a password at once.
constexpr unsigned kThreads = 2;
// Some seconds of logins; beyond it people are told to come back.
constexpr std::size_t kQueueMax = 128;

http::Response json_reply(int status, std::string body) {
  http::Response response{
      .status = status, .content_type = "application/json; charset=utf-8", .body = std::move(body)};
  response.headers.add("Cache-Control", "no-store");
  // A secret beside text that a client chose must not be compressed (BREACH).
  response.compress = false;
  return response;
}

http::Response logged_in_reply(const http::Request& request, const auth::LoggedIn& login) {
  std::string body = R"({"token":)";
  json::append_string(body, login.token);
  body += fmt::format(R"(,"expiresIn":{},"csrfToken":)", login.expires_in);
  json::append_string(body, login.csrf_token);
  body += '}';
  http::Response response = json_reply(200, std::move(body));
  if (!login.session_cookie.empty()) {
    response.headers.add("Set-Cookie",
                         fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}",
                                     pipeline::session_cookie_name(request), login.session_cookie,
                                     auth::kSessionSeconds, request.tls ? "; Secure" : ""));
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
  for (unsigned i = 0; i < kThreads; ++i) {
    Desk desk;
    MATRICULA_TRY(desk.session, dependencies.database.open_reader());
    MATRICULA_TRY(
        desk.authenticator,
        auth::Authenticator::open(dependencies.database, dependencies.secrets, dependencies.clock));
    routes->desks_.push_back(std::move(desk));
  }
  routes->workers_ = std::make_unique<pipeline::WorkerPool>(kThreads, kQueueMax);
  return routes;
}

void AuthRoutes::handle(const http::Request& request, http::Responder responder) {
  if (request.path != "/auth/login" && request.path != "/auth/refresh" &&
      request.path != "/auth/logout") {
    responder.send(http::error_response(404, "There is nothing at this path."));
    return;
  }
  if (request.method != http::Method::kPost) {
    http::Response response = http::error_response(405, "Use POST.");
    response.headers.add("Allow", "POST");
    responder.send(std::move(response));
    return;
  }
  const auto shared = std::make_shared<http::Responder>(std::move(responder));
  const bool queued =
      workers_->submit(pipeline::make_job([this, &request, shared](unsigned worker) {
        shared->send(answer(request, desks_[worker]));
      }));
  if (!queued) {
    shared->send(pipeline::unavailable_reply(pipeline::MediaType::kJson,
                                             "The server is busy; try again in a second."));
  }
}

http::Response AuthRoutes::refused(const http::Request& request, const Error& error) {
  const auto address = dependencies_.limiter.admit(
      ratelimit::address_identity(request.remote_address), dependencies_.clock.monotonic());
  if (error.code != ErrorCode::kUnauthenticated) {
    dependencies_.logger.log(LogLevel::kError, "login failed for a reason of ours",
                             {{"requestId", request.request_id},
                              {"error", error.message},
                              {"internal", error.internal}});
    return pipeline::unavailable_reply(pipeline::MediaType::kJson,
                                       "The store is not available; try again in a second.");
  }
  http::Response response =
      address.admitted
          ? pipeline::unauthenticated_reply(pipeline::MediaType::kJson, "Bearer", error.message)
          : pipeline::rate_limited_reply(address);
  add_headers(response, address);
  return response;
}

http::Response AuthRoutes::answer(const http::Request& request, Desk& desk) {
  if (request.path == "/auth/login") {
    return login(request, desk);
  }
  auto principal = desk.authenticator->session_principal(pipeline::presented_session(request));
  if (!principal) {
    return refused(request, principal.error());
  }
  const auto admission =
      dependencies_.limiter.admit((*principal)->identity, dependencies_.clock.monotonic());
  http::Response response;
  if (!admission.admitted) {
    response = pipeline::rate_limited_reply(admission);
  } else if (request.path == "/auth/refresh") {
    auto login = dependencies_.logins.refresh(**principal,
                                              *pipeline::presented_session(request).session_cookie);
    if (!login) {
      return refused(request, login.error());
    }
    response = logged_in_reply(request, *login);
  } else {
    if (auto done = dependencies_.logins.logout(**principal, request.remote_address); !done) {
      return refused(request, done.error());
    }
    response = http::Response{.status = 204};
    response.headers.add(
        "Set-Cookie",
        fmt::format("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict{}",
                    pipeline::session_cookie_name(request), request.tls ? "; Secure" : ""));
  }
  add_headers(response, admission);
  return response;
}

void AuthRoutes::add_headers(http::Response& response, const ratelimit::Decision& decision) const {
  // The bound on failures holds without limits too, but then it is no rate limit to tell of.
  if (dependencies_.limiter.limit() != 0) {
    pipeline::add_rate_headers(response, decision, dependencies_.ietf_fields);
  }
}

http::Response AuthRoutes::login(const http::Request& request, Desk& desk) {
  const auto type = request.header("Content-Type");
  const auto media = type ? http::parse_media_type(*type) : std::nullopt;
  if (!media || !media->is("application/json")) {
    return http::error_response(415, "The body must be sent as Content-Type: application/json.");
  }
  const auto body = json::read(request.body);
  const auto email = body ? text_member(*body, "email") : std::nullopt;
  const auto password = body ? text_member(*body, "password") : std::nullopt;
  if (!email || !password) {
    return http::error_response(
        400, "The body must be a JSON object with the texts \"email\" and \"password\".");
  }
  auto answer =
      dependencies_.logins.login(*desk.session, *email, *password, request.remote_address);
  if (!answer) {
    return refused(request, answer.error());
  }
  const auto address = dependencies_.limiter.peek(
      ratelimit::address_identity(request.remote_address), dependencies_.clock.monotonic());
  if (answer->allowed.admitted) {
    http::Response response = logged_in_reply(request, answer->login);
    add_headers(response, address);
    return response;
  }
  const ratelimit::Decision refusal = pipeline::later(answer->allowed, address);
  http::Response response = pipeline::rate_limited_reply(refusal);
  add_headers(response, refusal);
  return response;
}

}  // namespace matricula::server
