#include "server/routes.h"

#include <algorithm>

#include "domains/domains.h"
#include "http/url.h"

namespace matricula::server {
namespace {

constexpr Route kRoutes[] = {
    // The pipeline finds the endpoint; each is logged by its own path.
    {.path = domains::kEndpointsPath,
     .handler = Handler::kEndpoint,
     .is_logged = false,
     .is_cross_origin = true},
    {.path = "/auth/login", .handler = Handler::kAuth, .is_cross_origin = true},
    {.path = "/auth/refresh", .handler = Handler::kAuth, .is_cross_origin = true},
    {.path = "/auth/logout", .handler = Handler::kAuth, .is_cross_origin = true},
    {.path = "/portal/api/", .handler = Handler::kPortal},
    {.path = "/data/v1/tables", .handler = Handler::kData, .is_cross_origin = true},
    {.path = "/data/v1/tables/", .handler = Handler::kData, .is_cross_origin = true},
    {.path = "/data/v1/changes", .handler = Handler::kData, .is_cross_origin = true},
    // Answered by what there is.
    {.path = "/data/v1", .handler = Handler::kData, .is_logged = false, .is_cross_origin = true},
    {.path = "/data/v1/", .handler = Handler::kData, .is_logged = false, .is_cross_origin = true},
    {.path = "/healthz", .handler = Handler::kOperator},
    {.path = "/readyz", .handler = Handler::kOperator},
    {.path = "/metrics", .handler = Handler::kOperator},
    {.path = "/", .handler = Handler::kPages},
    {.path = "/login", .handler = Handler::kPages},
    {.path = "/c", .handler = Handler::kPages},
    {.path = "/c/", .handler = Handler::kPages},
    {.path = "/playground", .handler = Handler::kPages},
    {.path = "/playground/", .handler = Handler::kPages},
    {.path = "/docs", .handler = Handler::kPages},
    {.path = "/docs/", .handler = Handler::kPages},
    {.path = "/assets/", .handler = Handler::kPages},
};

bool is_of(const Route& route, std::string_view path) {
  return path == route.path ||
         (route.path.size() > 1 && route.path.ends_with('/') && path.starts_with(route.path));
}

}  // namespace

Route route_of(std::string_view path) {
  path = http::without_slash(path);
  const auto* const found =
      std::ranges::find_if(kRoutes, [&](const Route& route) { return is_of(route, path); });
  return found != std::end(kRoutes) ? *found : Route{.path = path, .is_logged = false};
}

std::vector<std::string> logged_paths() {
  std::vector<std::string> paths;
  for (const Route& route : kRoutes) {
    if (route.is_logged) {
      paths.emplace_back(route.path);
    }
  }
  for (const domains::Domain& domain : domains::all_domains()) {
    paths.push_back(domains::endpoint_path(domain.name));
  }
  return paths;
}

std::vector<std::string> operator_paths() {
  std::vector<std::string> paths;
  for (const Route& route : kRoutes) {
    if (route.handler == Handler::kOperator) {
      paths.emplace_back(route.path);
    }
  }
  return paths;
}

}  // namespace matricula::server
