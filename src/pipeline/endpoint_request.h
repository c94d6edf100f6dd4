#pragma once

#include "gate/identify.h"
#include "http/message.h"
#include "pipeline/endpoint.h"
#include "pipeline/replies.h"

namespace matricula::pipeline {

// A request to an endpoint, as every stage sees it. Borrows what it names.
struct EndpointRequest {
  const Endpoint& endpoint;
  const http::Request& http;
  MediaType media = MediaType::kJson;  // of the answer
};

// The same for the gate: the scheme that the endpoint takes, and the media type of refusals.
gate::Attempt attempt_of(const EndpointRequest& request);

}  // namespace matricula::pipeline
