#include "pipeline/endpoint.h"

#include "planning/planner.h"

namespace matricula::pipeline {

Result<std::vector<std::unique_ptr<const Endpoint>>> make_endpoints() {
  std::vector<std::unique_ptr<const Endpoint>> endpoints;
  for (const domains::Domain& domain : domains::all_domains()) {
    auto endpoint = std::make_unique<Endpoint>();
    endpoint->index = endpoints.size();
    endpoint->name = domain.name;
    endpoint->path = domains::endpoint_path(domain.name);
    MATRICULA_TRY(endpoint->schema, graphql::Schema::from_sdl(domain.sdl));
    endpoint->definition = domain.define();
    MATRICULA_CHECK(planning::check_mapping(endpoint->definition.mapping, *endpoint->schema));
    endpoints.push_back(std::move(endpoint));
  }
  return endpoints;
}

}  // namespace matricula::pipeline
