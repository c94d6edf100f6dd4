#include "pipeline/protocol.h"

#include <fmt/format.h>

#include "http/negotiate.h"

namespace matricula::pipeline {

gate::Stage<MediaType> check_protocol(const http::Request& request) {
  const auto offer = http::best_offer(http::list_field(request, "Accept"),
                                      {"application/json", "application/graphql-response+json"});
  if (request.method != http::Method::kGet && request.method != http::Method::kPost) {
    return gate::refuse(http::method_not_allowed(
        "GET, POST", fmt::format("{} is not allowed here; use POST, or GET for queries.",
                                 request.method == http::Method::kOther
                                     ? "This method"
                                     : fmt::format("Method {}", request.method_name))));
  }
  if (!offer) {
    http::Response response = http::error_response(406,
                                                   "Accept allows neither application/json nor "
                                                   "application/graphql-response+json.");
    response.headers.add("Vary", "Accept");
    return gate::refuse(std::move(response));
  }
  if (request.method == http::Method::kPost) {
    if (auto refusal = http::refuse_body_type(request)) {
      return gate::refuse(std::move(*refusal));
    }
  }
  return *offer == 1 ? MediaType::kGraphqlResponse : MediaType::kJson;
}

}  // namespace matricula::pipeline
