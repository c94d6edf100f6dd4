#include "pipeline/graphql_request.h"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "domains/domains.h"
#include "graphql/coercion/input.h"
#include "graphql/language/parser.h"
#include "graphql/validation/validate.h"
#include "planning/planner.h"

namespace {

using namespace matricula;

struct Endpoint {
  std::shared_ptr<const graphql::Schema> schema;
  domains::Definition definition;
};

const std::vector<Endpoint>& endpoints() {
  static const auto kMade = [] {
    std::vector<Endpoint> all;
    for (const domains::Domain& domain : domains::all_domains()) {
      all.push_back({*graphql::Schema::from_sdl(domain.sdl), domain.define()});
    }
    return all;
  }();
  return kMade;
}

void prepare(const Endpoint& endpoint, const pipeline::GraphqlRequest& request) {
  const auto document = graphql::parse(request.query, {});
  if (!document) {
    return;
  }
  const auto valid = graphql::validate(endpoint.schema, *document, {});
  if (!valid) {
    MATRICULA_ASSERT(!valid.error().empty());
    return;
  }
  const auto plan =
      planning::make_plan(*valid, request.operation_name, endpoint.definition.mapping);
  if (plan) {
    const auto variables = graphql::coerce_variables(*endpoint.schema, **document,
                                                     *(*plan)->operation, request.variables);
    MATRICULA_ASSERT(variables || !variables.error().empty());
  }
}

}  // namespace

// The body of a request, or its query string, for every endpoint: it is refused, or becomes a plan
// with its variables.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto request = pipeline::decode_body(text, {});
  if (!request) {
    request = pipeline::decode_query(text, {});
  }
  if (request) {
    MATRICULA_ASSERT(request->query.empty() || !request->document_id);
    for (const Endpoint& endpoint : endpoints()) {
      prepare(endpoint, *request);
    }
  }
  return 0;
}
