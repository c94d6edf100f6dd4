#pragma once

#include "gate/stage.h"
#include "pipeline/endpoint_request.h"
#include "pipeline/graphql_request.h"

namespace matricula::pipeline {

// The parameters of a request that is well formed. Made by decode() alone.
class DecodedRequest {
 public:
  const GraphqlRequest& parameters() const { return parameters_; }
  json::Value take_variables() && { return std::move(parameters_.variables); }

 private:
  friend gate::Stage<DecodedRequest> decode(const EndpointRequest& request,
                                            const json::ReadLimits& limits);
  explicit DecodedRequest(GraphqlRequest parameters) : parameters_(std::move(parameters)) {}

  GraphqlRequest parameters_;
};

// Reads the parameters from the body or, of a GET, from the query string. Refusals: 400.
gate::Stage<DecodedRequest> decode(const EndpointRequest& request, const json::ReadLimits& limits);

}  // namespace matricula::pipeline
