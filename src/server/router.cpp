#include "server/router.h"

#include <fmt/format.h>

#include "gate/answer.h"
#include "http/negotiate.h"
#include "http/url.h"
#include "server/metrics_text.h"
#include "server/routes.h"

namespace matricula::server {
namespace {

bool is_read(const http::Request& request) {
  return request.method == http::Method::kGet || request.method == http::Method::kHead;
}

// Whether the client prefers a page for people to JSON.
bool is_browser(const http::Request& request) {
  const auto accept = http::list_field(request, "Accept");
  if (!is_read(request) || !accept) {
    return false;
  }
  const auto best = http::best_offer(
      accept, {"application/json", "application/graphql-response+json", "text/html"});
  return best && *best == 2;
}

bool is_playground(std::string_view path) {
  return path == "/playground" || path.starts_with("/playground/") ||
         path.starts_with("/playground.html");
}

http::Response not_found() {
  return http::error_response(404, "There is nothing at this path.");
}

http::Response ready(const storage::StoreHealth& health) {
  if (!health.reachable || !health.migrations_current) {
    return http::json_response(
        503, fmt::format(R"({{"status":"not ready","store":{},"migrations":{}}})", health.reachable,
                         health.migrations_current));
  }
  return http::json_response(200, R"({"status":"ready"})");
}

}  // namespace

void Router::handle(const http::Request& request, http::Responder responder) {
  if (auto preflight = options_.cross_origin.preflight(request)) {
    add_allowance(*preflight, request);
    responder.send(std::move(*preflight));
    return;
  }
  const std::string_view path = http::without_slash(request.path);
  if (const pipeline::Endpoint* endpoint = pipeline_.endpoint_at(path)) {
    handle_endpoint(*endpoint, request, std::move(responder));
    return;
  }
  switch (route_of(path).handler) {
    case Handler::kAuth:
      auth_.handle(request, std::move(responder));
      return;
    case Handler::kPortal:
      portal_.handle(request, std::move(responder));
      return;
    case Handler::kData:
      data_.handle(request, std::move(responder));
      return;
    case Handler::kOperator:
      if (options_.metrics || path != "/metrics") {
        answer_operator(path, request, std::move(responder));
        return;
      }
      break;
    case Handler::kEndpoint:
    case Handler::kPages:
      break;
  }
  responder.send(answer_page(path, request));
}

// For answers that need no caller.
void Router::add_allowance(http::Response& response, const http::Request& request) const {
  const gate::Gate& gate = pipeline_.gate();
  gate::finish(gate, response, nullptr, gate::shown_allowance(gate, request));
}

http::Response Router::answer_page(std::string_view path, const http::Request& request) const {
  const bool is_off = !options_.playground && is_playground(path);
  auto page = is_off ? std::nullopt : pages_.answer(request);
  if (!page && is_browser(request)) {
    page = pages_.not_found();
  }
  if (page) {
    return std::move(*page);
  }
  return is_off ? http::error_response(404, "The playground is switched off on this server.")
                : not_found();
}

void Router::handle_operator(const http::Request& request, http::Responder responder) {
  const std::string_view path = http::without_slash(request.path);
  if (route_of(path).handler == Handler::kOperator) {
    answer_operator(path, request, std::move(responder));
    return;
  }
  responder.send(not_found());
}

void Router::handle_endpoint(const pipeline::Endpoint& endpoint, const http::Request& request,
                             http::Responder responder) {
  // A person who opens an endpoint's address in a browser wants to try it.
  if (options_.playground && request.method == http::Method::kGet && request.query.empty() &&
      is_browser(request)) {
    http::Response response{.status = 303};
    response.headers.add("Location", fmt::format("/playground?endpoint={}", endpoint.name));
    response.headers.add("Vary", "Accept");
    add_allowance(response, request);
    responder.send(std::move(response));
    return;
  }
  pipeline_.handle(endpoint, request, std::move(responder));
}

void Router::answer_operator(std::string_view path, const http::Request& request,
                             http::Responder responder) {
  if (!is_read(request)) {
    responder.send(http::method_not_allowed("GET, HEAD", "Use GET."));
  } else if (path == "/healthz") {
    responder.send(http::json_response(200, R"({"status":"ok"})"));
  } else if (path == "/readyz") {
    answer_ready(std::move(responder));
  } else {
    answer_metrics(std::move(responder));
  }
}

void Router::answer_ready(http::Responder responder) {
  if (draining_.load()) {
    responder.send(http::json_response(503, R"({"status":"draining"})"));
    return;
  }
  const auto shared = std::make_shared<http::Responder>(std::move(responder));
  probe_.ask_health([shared](const StoreMetrics& store) { shared->send(ready(store.health)); });
}

// The text takes as long as many requests: it is made on the probe's thread, once for all who ask
// while another one is made, and is never older than its request.
void Router::answer_metrics(http::Responder responder) {
  const std::lock_guard lock(metrics_mutex_);
  if (waiting_for_metrics_.empty()) {
    probe_.ask_all([this](const StoreMetrics& store) { send_metrics(store); });
  }
  waiting_for_metrics_.push_back(std::move(responder));
}

void Router::send_metrics(const StoreMetrics& store) {
  std::vector<http::Responder> waiting;
  {
    const std::lock_guard lock(metrics_mutex_);
    waiting.swap(waiting_for_metrics_);
  }
  const auto text = std::make_shared<const std::string>(
      metrics_text(pipeline_, data_.waiting(), server_.load(), store));
  for (http::Responder& responder : waiting) {
    responder.send({.status = 200,
                    .content_type = "text/plain; version=0.0.4; charset=utf-8",
                    .shared_body = text});
  }
}

}  // namespace matricula::server
