#include "server/auth_routes.h"

#include <fmt/format.h>

#include "http/cookie.h"
#include "http/negotiate.h"
#include "json/value.h"
#include "json/writer.h"
#include "pipeline/replies.h"

namespace matricula::server {
namespace {

std::string_view cookie_name(const http::Request& request) {
  return request.tls ? "__Host-matricula_session" : "matricula_session";
}

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
    response.headers.add(
        "Set-Cookie",
        fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}", cookie_name(request),
                    login.session_cookie, auth::kSessionSeconds, request.tls ? "; Secure" : ""));
  }
  return response;
}

std::optional<std::string> text_member(const json::Value& body, std::string_view name) {
  const json::Value* member = body.member(name);
  const auto* text = member == nullptr ? nullptr : std::get_if<std::string>(&member->data);
  return text == nullptr ? std::nullopt : std::optional(*text);
}

auth::Presented presented(const http::Request& request) {
  return {.session_cookie = http::find_cookie(request, cookie_name(request)),
          .csrf_token = request.header("X-CSRF-Token")};
}

}  // namespace

void AuthRoutes::handle(const http::Request& request, http::Responder responder) {
  if (request.method != http::Method::kPost) {
    http::Response response = http::error_response(405, "Use POST.");
    response.headers.add("Allow", "POST");
    responder.send(std::move(response));
    return;
  }
  const auto shared = std::make_shared<http::Responder>(std::move(responder));
  const bool queued =
      pipeline_.workers().submit(pipeline::make_job([this, &request, shared](unsigned worker) {
        shared->send(answer(request, pipeline_.worker_lane(worker)));
      }));
  if (!queued) {
    shared->send(pipeline::unavailable_reply(pipeline::MediaType::kJson,
                                             "The server is busy; try again in a second."));
  }
}

http::Response AuthRoutes::refused(const http::Request& request, const Error& error) {
  const auto address = pipeline_.limiter().admit(
      ratelimit::address_identity(request.remote_address), clock_.monotonic());
  if (error.code != ErrorCode::kUnauthenticated) {
    logger_.log(LogLevel::kError, "login failed for a reason of ours",
                {{"requestId", request.request_id},
                 {"error", error.message},
                 {"internal", error.internal}});
    return pipeline::unavailable_reply(pipeline::MediaType::kJson,
                                       "The store is not available; try again in a second.");
  }
  http::Response response =
      address.admitted ? pipeline::unauthenticated_reply(pipeline::MediaType::kJson, error.message)
                       : pipeline::rate_limited_reply(address);
  pipeline::add_rate_headers(response, address);
  return response;
}

http::Response AuthRoutes::answer(const http::Request& request, pipeline::Lane& lane) {
  if (request.path == "/auth/login") {
    return login(request, lane);
  }
  if (request.path != "/auth/refresh" && request.path != "/auth/logout") {
    return http::error_response(404, "There is nothing at this path.");
  }
  auto principal = lane.authenticator->session_principal(presented(request));
  if (!principal) {
    return refused(request, principal.error());
  }
  const auto admission = pipeline_.limiter().admit((*principal)->identity, clock_.monotonic());
  http::Response response;
  if (!admission.admitted) {
    response = pipeline::rate_limited_reply(admission);
  } else if (request.path == "/auth/refresh") {
    auto login = logins_.refresh(**principal, *presented(request).session_cookie);
    if (!login) {
      return refused(request, login.error());
    }
    response = logged_in_reply(request, *login);
  } else {
    if (auto done = logins_.logout(**principal, request.remote_address); !done) {
      return refused(request, done.error());
    }
    response = http::Response{.status = 204};
    response.headers.add("Set-Cookie",
                         fmt::format("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict{}",
                                     cookie_name(request), request.tls ? "; Secure" : ""));
  }
  pipeline::add_rate_headers(response, admission);
  return response;
}

http::Response AuthRoutes::login(const http::Request& request, pipeline::Lane& lane) {
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
  auto answer = logins_.login(*lane.session, *email, *password, request.remote_address);
  if (!answer) {
    return refused(request, answer.error());
  }
  http::Response response = answer->allowed.admitted
                                ? logged_in_reply(request, answer->login)
                                : pipeline::rate_limited_reply(answer->allowed);
  const auto address = pipeline_.limiter().peek(ratelimit::address_identity(request.remote_address),
                                                clock_.monotonic());
  pipeline::add_rate_headers(response, answer->allowed.admitted ? address : answer->allowed);
  return response;
}

}  // namespace matricula::server
