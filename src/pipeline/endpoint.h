#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domains/domains.h"
#include "graphql/schema/schema.h"

namespace matricula::pipeline {

// One of the GraphQL endpoints, ready to serve. Immutable.
struct Endpoint {
  std::size_t index = 0;  // among all endpoints of the process
  std::string name;       // such as "catalog"
  std::string path;       // such as "/api/public/api/v1/catalog/graphql"
  std::shared_ptr<const graphql::Schema> schema;
  domains::Definition definition;
};

// Builds every domain of this build and checks its mapping against its schema.
Result<std::vector<std::unique_ptr<const Endpoint>>> make_endpoints();

}  // namespace matricula::pipeline
