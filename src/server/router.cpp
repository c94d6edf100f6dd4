#include "server/router.h"

#include <fmt/format.h>

#include "http/negotiate.h"
#include "server/metrics_text.h"

namespace matricula::server {
namespace {

http::Response json_status(int status, std::string body) {
  http::Response response{
      .status = status, .content_type = "application/json; charset=utf-8", .body = std::move(body)};
  response.headers.add("Cache-Control", "no-store");
  return response;
}

// A person who opens an endpoint's address in a browser wants to try it.
bool is_browser(const http::Request& request) {
  if (request.method != http::Method::kGet || !request.query.empty() || !request.header("Accept")) {
    return false;
  }
  const auto best =
      http::best_offer(request.header("Accept"),
                       {"application/json", "application/graphql-response+json", "text/html"});
  return best && *best == 2;
}

bool is_playground(std::string_view path) {
  return path == "/playground" || path.starts_with("/playground/") || path == "/playground.html";
}

bool is_read(const http::Request& request) {
  return request.method == http::Method::kGet || request.method == http::Method::kHead;
}

http::Response busy() {
  return json_status(503, R"({"status":"busy"})");
}

}  // namespace

void Router::handle(const http::Request& request, http::Responder responder) {
  if (const pipeline::Endpoint* endpoint = pipeline_.endpoint_at(request.path)) {
    if (playground_ && is_browser(request)) {
      http::Response response{.status = 303};
      response.headers.add("Location", fmt::format("/playground?endpoint={}", endpoint->name));
      response.headers.add("Vary", "Accept");
      responder.send(std::move(response));
      return;
    }
    pipeline_.handle(*endpoint, request, std::move(responder));
    return;
  }
  if (request.path.starts_with("/auth/")) {
    auth_.handle(request, std::move(responder));
    return;
  }
  if (request.path.starts_with("/portal/api/")) {
    portal_.handle(request, std::move(responder));
    return;
  }
  if (is_read(request) && request.path == "/healthz") {
    responder.send(json_status(200, R"({"status":"ok"})"));
    return;
  }
  if (is_read(request) && request.path == "/readyz") {
    answer_ready(std::move(responder));
    return;
  }
  if (is_read(request) && request.path == "/metrics") {
    answer_metrics(request, std::move(responder));
    return;
  }
  if (!playground_ && is_playground(request.path)) {
    responder.send(http::error_response(404, "The playground is switched off on this server."));
    return;
  }
  if (auto page = pages_.answer(request)) {
    responder.send(std::move(*page));
    return;
  }
  responder.send(http::error_response(404, "There is nothing at this path."));
}

// What asks the store is answered on the loop's thread, or by a worker where the store is asked
// over a network. A probe does not stand in line behind the requests that wait for a store that
// hangs.
void Router::answer_ready(http::Responder responder) {
  if (!prober_) {
    responder.send(ready());
    return;
  }
  pipeline::answer_from_worker(
      *prober_, std::move(responder), [this](unsigned) { return ready(); }, busy);
}

void Router::answer_metrics(const http::Request& request, http::Responder responder) {
  if (!database_.is_shared()) {
    responder.send(metrics(pipeline_.loop_lane(request.loop)));
    return;
  }
  pipeline::answer_from_worker(
      pipeline_.workers(), std::move(responder),
      [this](unsigned worker) { return metrics(pipeline_.worker_lane(worker)); }, busy);
}

http::Response Router::ready() {
  if (draining_.load()) {
    return json_status(503, R"({"status":"draining"})");
  }
  const storage::StoreHealth health = database_.health();
  if (!health.reachable || !health.migrations_current) {
    return json_status(503, fmt::format(R"({{"status":"not ready","store":{},"migrations":{}}})",
                                        health.reachable, health.migrations_current));
  }
  return json_status(200, R"({"status":"ready"})");
}

http::Response Router::metrics(pipeline::Lane& lane) {
  StoreMetrics store{.health = database_.health()};
  if (auto totals = exchange::read_import_totals(*lane.session)) {
    store.imports = std::move(*totals);
  }
  return {.status = 200,
          .content_type = "text/plain; version=0.0.4; charset=utf-8",
          .body = metrics_text(pipeline_, server_.load(), store)};
}

}  // namespace matricula::server
